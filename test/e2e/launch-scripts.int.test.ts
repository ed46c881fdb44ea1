// What the launch scripts start, and with what: against stand-ins for docker and singularity that write it down. Docker for real: launch.containers.e2e.test.ts.
import { spawn } from "node:child_process";
import { chmod, mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually, repositoryPath, temporaryDirectory } from "@skyscan/testing";

let home: Awaited<ReturnType<typeof temporaryDirectory>>;
const at = (...names: readonly string[]): string => join(home.path, ...names);

/** Notes what it was started with; says `it is there` when asked for an image, and otherwise does what STAND_IN says. */
const standIn = `#!/bin/bash
if [ "$1 $2" = "image inspect" ] || [ "$1" = --version ]; then exit "\${STAND_IN_IMAGE:-0}"; fi
printf '%s\\0' "$@" >"$STAND_IN_OUT.$1"
env -0 >"$STAND_IN_OUT.env"
if [ "$1" = pull ]; then exit "\${STAND_IN_PULL:-0}"; fi
if [ "$1" = run ]; then eval "\${STAND_IN:-exit 0}"; fi
`;

beforeEach(async () => {
  home = await temporaryDirectory();
  for (const name of ["docker", "singularity"]) {
    await mkdir(at("bin"), { recursive: true });
    await writeFile(at("bin", name), standIn);
    await chmod(at("bin", name), 0o755);
  }
  await mkdir(at("here"));
  await writeFile(at("here", "event.json"), "{}");
});
afterEach(() => home.remove());

interface Started {
  readonly status: number | null;
  readonly stderr: string;
  /** What the stand-in was given, by its first word. */
  readonly argv: (verb: string) => Promise<readonly string[]>;
  readonly env: () => Promise<ReadonlyMap<string, string>>;
}

function start(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = at("here")) {
  return spawn(repositoryPath("resources/launch_scripts", script), args, {
    cwd,
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: `${at("bin")}:${process.env["PATH"] ?? ""}`, STAND_IN_OUT: at("noted"), ...env },
  });
}

async function launch(...[script, args, env, cwd]: Parameters<typeof start>): Promise<Started> {
  const child = start(script, args, env, cwd);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const words = async (name: string): Promise<readonly string[]> =>
    (await readFile(at(`noted.${name}`), "utf8").catch(() => "")).split("\0").slice(0, -1);
  return {
    status,
    stderr,
    argv: words,
    env: async () =>
      new Map((await words("env")).map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)])),
  };
}

/** `path mode` of every bind mount of the test's own. */
const mountsOf = (argv: readonly string[]): readonly string[] =>
  argv
    .filter((word) => word.startsWith('type=bind,"source='))
    .map((word) => {
      const [, source, target, readonly] = /^type=bind,"source=(.*)","target=(.*)"(,readonly)?$/.exec(word)!;
      expect(target).toBe(source);
      return `${source!} ${readonly === undefined ? "rw" : "ro"}`;
    })
    .filter((mount) => mount.startsWith(home.path))
    .sort();

describe("launch_server.sh and launch_client.sh for docker", () => {
  test("give the program its own flags, word for word, and mount what they name where it is", async () => {
    const flags = ["--event-file", "event.json", `--cache-dir=${at("my cache")}`, "-o", "out, here", "--reco-algo", "dummy"];
    const { status, argv } = await launch("docker/launch_server.sh", [...flags, "--nsides", "1:0", "2:12"]);
    expect(status).toBe(0);
    const run = await argv("run");
    expect(run.slice(run.indexOf("skyscan:latest"))).toEqual(["skyscan:latest", "server", ...flags, "--nsides", "1:0", "2:12"]);
    expect(mountsOf(run)).toEqual(
      [`${at("here")} rw`, `${at("here", "event.json")} ro`, `${at("here", "out, here")} rw`, `${at("my cache")} rw`].sort(),
    );
    expect(run).toEqual(expect.arrayContaining(["--rm", "--init", "--network=host"]));
    expect(run.join(" ")).toContain(`--workdir ${at("here")} `);
    expect(run.join(" ")).toContain("--entrypoint skyscan skyscan:latest");
    expect(run).not.toContain("--shm-size=6gb");
  });

  test("mount the defaults of flags that are not given", async () => {
    const { argv } = await launch("docker/launch_server.sh", ["-e", "event.json", "--reco-algo", "dummy"]);
    expect(mountsOf(await argv("run"))).toEqual([
      `${at("here")} rw`,
      `${at("here", "event.json")} ro`,
      `${at("here", "skyscan-cache")} rw`,
    ]);
  });

  test("a client sees the startup file's directory and the token file that it names, and has room in /dev/shm", async () => {
    await mkdir(at("scan of today"));
    await writeFile(at("token"), "x");
    const startup = at("scan of today", "client-startup.json");
    await writeFile(startup, JSON.stringify({ version: 1, broker: { client: "embedded", tokenFile: at("token") } }));
    await mkdir(at("recos"));
    const flags = ["--client-startup-json", startup, "--reco-path", at("recos"), "--debug-directory", at("debug"), "--slots=2"];
    const run = await (await launch("docker/launch_client.sh", flags)).argv("run");
    expect(mountsOf(run)).toEqual(
      [`${at("scan of today")} ro`, `${at("token")} ro`, `${at("recos")} ro`, `${at("debug")} rw`].sort(),
    );
    expect(run).toContain("--shm-size=6gb");
    // The working directory is there, though nothing of it is seen.
    expect(run).toContain(`type=tmpfs,"target=${at("here")}"`);
  });

  test("mount what SKYSCAN_RECO_PATH and SKYSCAN_GCD_SOURCES list, where it is there, and the directory for large inputs", async () => {
    for (const name of ["recos", "gcds"]) await mkdir(at(name));
    const { argv } = await launch("docker/launch_client.sh", [], {
      SKYSCAN_RECO_PATH: `${at("recos")}:${at("nowhere")}`,
      SKYSCAN_GCD_SOURCES: `/not/there:${at("gcds")}`,
      EWMS_TASK_DATA_HUB_DIR: at("hub"),
    });
    const mounts = mountsOf(await argv("run"));
    expect(mounts).toEqual([`${at("gcds")} ro`, `${at("here")} ro`, `${at("hub")} rw`, `${at("recos")} ro`]);
  });

  test("hand on SKYSCAN_, EWMS_, RABBITMQ_ and PULSAR_ variables by name; no value is in a command line, and nothing else goes in", async () => {
    await writeFile(at("broker token"), "secret-in-a-file");
    const { argv } = await launch("docker/launch_client.sh", [], {
      SKYSCAN_BROKER_ADDRESS: "amqp://host",
      SKYSCAN_BROKER_AUTH: "very-secret",
      SKYSCAN_BROKER_CA_FILE: at("broker token"),
      EWMS_PILOT_TASK_TIMEOUT: "12",
      RABBITMQ_HEARTBEAT: "34",
      PULSAR_UNACKED_MESSAGES_TIMEOUT_SEC: "56",
      SKYSCAN_DOCKER_IMAGE: "registry/skyscan:1.2",
      AWS_SECRET: "not-ours",
    });
    const run = await argv("run");
    const names = run.filter((_, index) => run[index - 1] === "--env").sort();
    expect(names).toEqual([
      "EWMS_PILOT_TASK_TIMEOUT",
      "PULSAR_UNACKED_MESSAGES_TIMEOUT_SEC",
      "RABBITMQ_HEARTBEAT",
      "SKYSCAN_BROKER_ADDRESS",
      "SKYSCAN_BROKER_AUTH",
      "SKYSCAN_BROKER_CA_FILE",
    ]);
    expect(run.join("\n")).not.toMatch(/very-secret|not-ours|secret-in-a-file|amqp:/);
    expect(mountsOf(run)).toContain(`${at("broker token")} ro`);
    expect(run).toContain("registry/skyscan:1.2");
  });

  test("pull at each start when SKYSCAN_DOCKER_PULL_ALWAYS is 1, and take the tag that is asked for", async () => {
    const env = { SKYSCAN_DOCKER_PULL_ALWAYS: "1", SKYSCAN_DOCKER_IMAGE: "host:5000/skyscan", SKYSCAN_DOCKER_IMAGE_TAG: "v9" };
    const run = await (await launch("docker/launch_client.sh", [], env)).argv("run");
    expect(run).toContain("--pull=always");
    expect(run).toContain("host:5000/skyscan:v9");
    expect((await launch("docker/launch_client.sh", [], { SKYSCAN_DOCKER_PULL_ALWAYS: "soon" })).status).toBe(2);
  });

  test("look for a named image in its registry, and build it here when it is nowhere, saying so", async () => {
    const nowhere = { STAND_IN_IMAGE: "1", STAND_IN_PULL: "1", SKYSCAN_DOCKER_IMAGE: "registry/skyscan" };
    const { status, stderr, argv } = await launch("docker/launch_client.sh", [], nowhere);
    expect(status).toBe(0);
    expect(await argv("pull")).toEqual(["pull", "registry/skyscan:latest"]);
    expect(stderr).toContain("there is no image registry/skyscan:latest: building it from");
    expect(await argv("build")).toEqual([
      ...["build", "--tag", "registry/skyscan:latest", "--file", repositoryPath("Dockerfile"), repositoryPath()],
    ]);
    expect((await argv("run")).length).toBeGreaterThan(0);
  });

  test("end with the program's status, and pass signals on", async () => {
    expect((await launch("docker/launch_server.sh", ["-e", "event.json"], { STAND_IN: "exit 5" })).status).toBe(5);
    const running = start("docker/launch_client.sh", [], {
      STAND_IN: 'trap "exit 7" TERM; touch "$STAND_IN_OUT.up"; while :; do sleep 0.05; done',
    });
    const ended = new Promise<number | null>((resolve) => running.on("close", resolve));
    await eventually("the program runs", () => readFile(at("noted.up")).catch(() => undefined));
    running.kill("SIGTERM");
    expect(await ended).toBe(7);
  });

  test("end with 2, and say why, when there is no event file, or a directory would hide the container's own", async () => {
    const missing = await launch("docker/launch_server.sh", ["--event-file", "nowhere.json"]);
    expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining("--event-file nowhere.json: there is no such")]);
    const hiding = await launch("docker/launch_server.sh", ["-e", "event.json", "--output-dir", "/usr"]);
    expect([hiding.status, hiding.stderr]).toEqual([2, expect.stringContaining("/usr would hide")]);
  });

  test("work through a symbolic link", async () => {
    await symlink(repositoryPath("resources/launch_scripts/docker/launch_client.sh"), at("start a client"));
    const child = spawn(at("start a client"), [], {
      cwd: at("here"),
      env: { PATH: `${at("bin")}:${process.env["PATH"] ?? ""}`, STAND_IN_OUT: at("noted") },
    });
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  });
});

describe("launch_server.sh and launch_client.sh for singularity (a stand-in: it is not to be had here)", () => {
  test("run the image with the same paths, and only the forwarded variables", async () => {
    const env = { SKYSCAN_SINGULARITY_IMAGE: at("an image.sif"), SKYSCAN_BROKER_AUTH: "very-secret", OTHER: "not-ours" };
    const started = await launch("singularity/launch_server.sh", ["-e", "event.json", "-c", at("my cache")], env);
    expect(started.status).toBe(0);
    const run = await started.argv("run");
    expect(run.slice(0, 4)).toEqual(["run", "--cleanenv", "--pwd", at("here")]);
    expect(run.slice(run.indexOf(at("an image.sif")))).toEqual([
      ...[at("an image.sif"), "server", "-e", "event.json", "-c", at("my cache")],
    ]);
    const binds = run.filter((_, index) => run[index - 1] === "--bind");
    expect(binds.sort()).toEqual(
      [at("here"), at("here", "event.json"), at("my cache")]
        .map((path) => `${path}:${path}:${path.endsWith(".json") ? "ro" : "rw"}`)
        .sort(),
    );
    expect(run.join("\n")).not.toContain("very-secret");
    const passed = await started.env();
    expect(passed.get("SINGULARITYENV_SKYSCAN_BROKER_AUTH")).toBe("very-secret");
    expect([...passed.keys()].filter((name) => /^SINGULARITYENV_/.test(name))).toEqual(["SINGULARITYENV_SKYSCAN_BROKER_AUTH"]);
  });

  test("bring a bundle into an image that does not have the program", async () => {
    await mkdir(at("bundle", "bin"), { recursive: true });
    await writeFile(at("bundle", "bin", "skyscan"), "");
    const env = { SKYSCAN_SINGULARITY_IMAGE: "/cvmfs/image", SKYSCAN_SINGULARITY_BUNDLE: at("bundle") };
    expect((await launch("singularity/launch_client.sh", [], env)).stderr).toContain("there is no");
    await chmod(at("bundle", "bin", "skyscan"), 0o755);
    const run = await (await launch("singularity/launch_client.sh", ["--slots", "2"], env)).argv("run");
    expect(run.slice(run.indexOf("/cvmfs/image"))).toEqual([
      ...["/cvmfs/image", at("bundle", "bin", "skyscan"), "client", "--slots", "2"],
    ]);
    expect(run).toContain(`${at("bundle")}:${at("bundle")}:ro`);
  });

  test("use apptainer where there is no singularity", async () => {
    await rename(at("bin", "singularity"), at("bin", "apptainer"));
    const env = { SKYSCAN_SINGULARITY_IMAGE: "image", SKYSCAN_LOG: "debug" };
    const started = await launch("singularity/launch_client.sh", [], env);
    expect([started.status, (await started.argv("run")).at(-1)]).toEqual([0, "client"]);
    expect((await started.env()).get("APPTAINERENV_SKYSCAN_LOG")).toBe("debug");
  });

  test("end with 2 without an image, and for paths that cannot be mounted", async () => {
    expect((await launch("singularity/launch_client.sh", [])).status).toBe(2);
    await mkdir(at("a:b"));
    const colon = await launch("singularity/launch_client.sh", ["--debug-directory", at("a:b")], {
      SKYSCAN_SINGULARITY_IMAGE: "image",
    });
    expect([colon.status, colon.stderr]).toEqual([2, expect.stringContaining("a colon or a comma")]);
  });
});
