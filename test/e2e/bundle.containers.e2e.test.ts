// The bundle inside an image that is not ours: Debian 11, glibc 2.31, without Node. Older ones are judged by the symbols that the programs need.
import { execFile } from "node:child_process";
import { chmod, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { bareDebianImage, endAllSkyscan, imageToolsMissing, podman, runSkyscan, temporaryDirectory } from "@skyscan/testing";
import { scanning } from "./scanning.ts";

const run = promisify(execFile);

describe.skipIf(imageToolsMissing !== undefined)("the bundle", () => {
  let home: Awaited<ReturnType<typeof temporaryDirectory>>;
  let image: string;
  let bundle: string;
  beforeAll(async () => {
    home = await temporaryDirectory();
    image = await bareDebianImage();
    const tarball = join(home.path, "bundle.tar.gz");
    const made = await runSkyscan(["bundle", "--output", tarball]);
    expect(made.status, made.stderr).toBe(0);
    // A path that a careless script would break at.
    bundle = join(home.path, "a bundle");
    await mkdir(bundle);
    await run("tar", ["-xzf", tarball, "-C", bundle, "--strip-components=1"]);
  }, 240_000);
  afterEach(endAllSkyscan);
  afterAll(() => home.remove());

  /** The arguments of a `podman run` in which the bundle is mounted read-only where it is. */
  const inside = (...more: readonly string[]): readonly string[] => [
    ...["run", "--rm", "--network=host", "--mount", `type=bind,source=${bundle},target=${bundle},readonly`, ...more, image],
  ];

  test("runs a whole scan in an image without Node: server, clients, native reco and pictures", async () => {
    expect(await podman(...inside(), "sh", "-c", "command -v node || echo none")).toBe("none\n");
    const shown = await podman(...inside("--workdir", "/tmp"), `${bundle}/bin/skyscan`, "demo", "--nsides", "8:0", "64:12");
    expect(shown).toMatch(/best fit +RA/);
    expect(shown).toMatch(/picture +skyscan-demo\/.*\.png/);
  });

  test("its client serves a scan whose server is outside", async () => {
    const directory = join(home.path, "scan");
    const scan = scanning(directory, { reco: "pandel_spe", nsides: ["2:0"] });
    const server = scan.server();
    await server.said("clients may start");
    const mount = ["--mount", `type=bind,source=${directory},target=${directory},readonly`];
    await podman(...inside(...mount), `${bundle}/bin/skyscan`, "client", "--client-startup-json", scan.startup);
    expect((await server.ended).status).toBe(0);
    const [worker] = (await scan.manifest())!.workers["by host"];
    expect(worker).toMatchObject({ failures: 0 });
    expect((await scan.npz("2")).length).toBeGreaterThan(0);
  });

  test("works from anywhere, through a link to a link, by its name on PATH, and where it cannot be written to", async () => {
    await mkdir(join(home.path, "links"), { recursive: true });
    await symlink("../a bundle/bin/skyscan", join(home.path, "links", "first"));
    await symlink("first", join(home.path, "links", "second"));
    const env = { PATH: `${bundle}/bin:/usr/bin:/bin` };
    const { stdout } = await run(join(home.path, "links", "second"), ["--version"], { cwd: "/", env });
    expect((await run("skyscan", ["--version"], { cwd: "/", env })).stdout).toBe(stdout);
    await chmod(bundle, 0o555);
    expect((await run("skyscan", ["recos", "dummy"], { cwd: home.path, env })).stdout).toContain("dummy");
  });
});

describe("skyscan bundle", () => {
  let home: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    home = await temporaryDirectory();
  });
  afterAll(() => home.remove());

  test("ends with 2, naming program and need, when something in it would not run with the glibc that is asked for", async () => {
    const output = join(home.path, "old.tar.gz");
    const { status, stderr } = await runSkyscan(["bundle", "--glibc", "2.5", "--output", output]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/bin\/node needs glibc 2\.\d+/);
    expect((await run("ls", ["-A", home.path])).stdout).toBe("");
  });

  test("writes a directory too, without Node where the image has one, and never over what is there", async () => {
    const output = join(home.path, "unpacked");
    expect((await runSkyscan(["bundle", "--no-node", "--output", output])).status).toBe(0);
    expect((await run("ls", [join(output, "bin")])).stdout).toBe("skyscan\n");
    expect((await run(join(output, "bin", "skyscan"), ["--version"])).stdout).toMatch(/^\d/);
    expect((await runSkyscan(["bundle", "--output", output])).status).toBe(2);
  });
});
