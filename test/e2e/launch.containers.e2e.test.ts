// The launch scripts with real containers of the image that this checkout gives; `docker` is podman.
import { execFile, spawn } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  bareDebianImage,
  containerEnvironment,
  endAllSkyscan,
  eventually,
  imageToolsMissing,
  podman,
  readJson,
  repositoryPath,
  runSkyscan,
  skyscanImage,
  temporaryDirectory,
} from "@skyscan/testing";
import { simulatedIn, simulatedName } from "./events.ts";
import { scanning } from "./scanning.ts";

const script = (role: string): string => repositoryPath(`resources/launch_scripts/docker/launch_${role}.sh`);

describe.skipIf(imageToolsMissing !== undefined)("the launch scripts for docker", () => {
  let home: Awaited<ReturnType<typeof temporaryDirectory>>;
  let env: Readonly<Record<string, string | undefined>>;
  beforeAll(async () => {
    home = await temporaryDirectory();
    env = { ...process.env, ...(await containerEnvironment()), SKYSCAN_DOCKER_IMAGE: await skyscanImage() };
  }, 600_000);
  afterAll(() => home.remove());

  const start = (
    role: "server" | "client",
    args: readonly string[],
    cwd: string,
    more: Readonly<Record<string, string>> = {},
  ) => {
    const child = spawn(script(role), args, { cwd, env: { ...env, ...more }, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => void (said += text));
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    return { ended, said: () => said, kill: (signal: NodeJS.Signals) => child.kill(signal) };
  };

  test("scan with a server and a client in containers: paths with spaces and commas, defaults of the working directory", async () => {
    const directory = join(home.path, "a scan, of today");
    await mkdir(directory);
    simulatedIn(directory);
    const flags = ["--event-file", "simulated.json", "--reco-algo", "pandel_spe", "--nsides", "2:0", "--output-dir=the results"];
    const server = start("server", flags, directory);
    const startup = join(directory, "client-startup.json");
    await eventually("the startup file", () => readJson(startup));
    const client = start("client", ["--client-startup-json", startup, "--debug-directory", "debug"], directory);
    expect(await client.ended, client.said()).toBe(0);
    expect(await server.ended, server.said()).toBe(0);
    const manifest = await readJson(join(directory, "the results", `${simulatedName}.scan-manifest.json`));
    expect(manifest).toMatchObject({ state: "finished", preliminary: false });
    expect(server.said()).toContain(`the results/${simulatedName}_2.npz`);
  });

  test("stop the server in its container at SIGTERM: status 5, resumable, and no container is left", async () => {
    const directory = join(home.path, "stopped");
    await mkdir(directory);
    const flags = ["-e", simulatedIn(directory), "--reco-algo", "dummy", "--nsides", "1:0", "-o", join(directory, "out")];
    const server = start("server", flags, directory, { SKYSCAN_HOST: "launched-to-be-stopped" });
    await eventually("the startup file", () => readJson(join(directory, "client-startup.json")));
    server.kill("SIGTERM");
    expect(await server.ended, server.said()).toBe(5);
    expect(await podman("ps", "--all", "--quiet", "--filter", `volume=${join(directory, "out")}`)).toBe("");
  });

  test("build the image from the checkout when there is none, and run it", async () => {
    const tag = `launch-test-${process.pid}`;
    const built = await new Promise<{ readonly status: number | null; readonly said: string }>((resolve) => {
      // Where a build cannot have a network and processes of its own.
      const own = { ...env, SKYSCAN_DOCKER_IMAGE: undefined, SKYSCAN_DOCKER_IMAGE_TAG: tag, BUILDAH_ISOLATION: "chroot" };
      const child = execFile(
        script("client"),
        ["--version"],
        { cwd: home.path, env: own, maxBuffer: 1 << 26 },
        (_, stdout, stderr) => resolve({ status: child.exitCode, said: stdout + stderr }),
      );
    });
    await podman("rmi", `localhost/skyscan:${tag}`).catch(() => undefined);
    expect(built.status, built.said).toBe(0);
    expect(built.said).toContain(`there is no image skyscan:${tag}: building it from`);
    expect(built.said).toMatch(/^\d+\.\d+\.\d+$/m);
  }, 600_000);
});

/** Podman behind singularity's command line: what the script binds and hands on, and nothing else, is seen inside. Not Singularity. */
const standIn = `#!/bin/bash
set -eu
[ "$1 $2 $3" = "run --cleanenv --pwd" ]
options=(--rm --network=host --workdir "$4")
shift 4
while [ "$1" = --bind ]; do options+=(--volume "$2"); shift 2; done
while read -r name; do options+=(--env "\${name#SINGULARITYENV_}=\${!name}"); done < <(compgen -e SINGULARITYENV_)
exec podman run "\${options[@]}" "$@"
`;

describe.skipIf(imageToolsMissing !== undefined)("the launch scripts for singularity, a stand-in over podman", () => {
  let home: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    home = await temporaryDirectory();
  });
  afterEach(endAllSkyscan);
  afterAll(() => home.remove());

  test("start a client from a bundle inside an image that has neither the program nor Node", async () => {
    const bundle = join(home.path, "a bundle");
    expect((await runSkyscan(["bundle", "--output", bundle])).status).toBe(0);
    const singularity = join(home.path, "singularity");
    await writeFile(singularity, standIn, { mode: 0o755 });
    const containers = await containerEnvironment();
    const env = {
      ...process.env,
      ...containers,
      PATH: `${home.path}:${containers["PATH"]!}`,
      SKYSCAN_SINGULARITY_IMAGE: await bareDebianImage(),
      SKYSCAN_SINGULARITY_BUNDLE: bundle,
      SKYSCAN_LOG: "info",
    };
    const scan = scanning(join(home.path, "a scan"), { reco: "pandel_spe", nsides: ["1:0"] });
    const server = scan.server();
    await server.said("clients may start");
    const flags = ["--client-startup-json", scan.startup, "--debug-directory", join(home.path, "debug")];
    const client = spawn(repositoryPath("resources/launch_scripts/singularity/launch_client.sh"), flags, { cwd: home.path, env });
    let said = "";
    client.stderr.setEncoding("utf8").on("data", (text: string) => void (said += text));
    expect(await new Promise((resolve) => client.on("close", resolve)), said).toBe(0);
    expect((await server.ended).status).toBe(0);
    expect((await scan.manifest())!.workers["by host"][0]).toMatchObject({ failures: 0 });
    expect((await readdir(join(home.path, "debug"))).length).toBeGreaterThan(0);
  });
});
