// Whole scans of a real event whose reco runs in a real container: the native reco, in an image that has nothing but busybox.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  busyboxImage,
  containerEnvironment,
  containersMissing,
  dataMissing,
  descendants,
  eventually,
  podman,
  repositoryPath,
  runSkyscan,
} from "@skyscan/testing";
import { bronze, bronzeName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";

const nsides = ["1:0", "2:2"];

/** One unit of the native reco, which knows mode stream alone: what it is told and what it answers go through files. */
const oneshot = `#!/bin/sh
{
  printf '{"type":"start","protocol":1,"startup":"%s","slot":0,"scratch":"%s"}\\n' "$SKYSCAN_STARTUP" "$SKYSCAN_SCRATCH"
  cat "$EWMS_TASK_INFILE"
} | "$@" | grep -E '"type":"(result|error)"' > "$EWMS_TASK_OUTFILE.part" && mv "$EWMS_TASK_OUTFILE.part" "$EWMS_TASK_OUTFILE"
`;

const freshDirectory = freshDirectories();

describe.skipIf((containersMissing ?? dataMissing) !== undefined)("a scan of a real event", () => {
  let environment: Readonly<Record<string, string>>;
  beforeAll(async () => {
    environment = await containerEnvironment();
  });

  /** The native reco as a folder of its own, run from an image. */
  async function makeReco(directory: string, mode: "stream" | "oneshot"): Promise<string> {
    const path = join(directory, "reco");
    await mkdir(path);
    await copyFile(repositoryPath("packages/recos/build/pandel"), join(path, "pandel"));
    await writeFile(join(path, "one-unit.sh"), oneshot);
    const builtin = JSON.parse(await readFile(repositoryPath("packages/recos/builtin/pandel_spe/reco.json"), "utf8")) as {
      readonly run: { readonly command: readonly string[] };
    };
    const command = ["{{RECO_DIR}}/pandel", ...builtin.run.command.slice(1)];
    const run = {
      mode,
      command: mode === "stream" ? command : ["sh", "{{RECO_DIR}}/one-unit.sh", ...command],
      image: { docker: await busyboxImage() },
    };
    await writeFile(join(path, "reco.json"), JSON.stringify({ ...builtin, run }));
    return path;
  }

  const scanOf = async (): Promise<Scanning> =>
    scanning(await freshDirectory(), { event: bronze, eventName: bronzeName, reco: "pandel_spe", nsides, env: environment });
  const containers = (): Promise<string> =>
    podman("ps", "--all", "--filter=label=org.skyscan.reco=pandel_spe", "--format={{.Names}}");

  let plain: Buffer;
  const begun = (): Promise<string> => eventually("a container", async () => (await containers()) || undefined);

  test("gives the same bytes with its reco in a container as without, in mode stream", async () => {
    const [scan, onHost] = [await scanOf(), await scanOf()];
    const flags = ["--reco-path", await makeReco(scan.directory, "stream"), "--clients", "2", "--container"];
    expect(await onHost.scan(...flags, "none").ended).toMatchObject({ status: 0 });
    plain = await onHost.npz("1_2");
    const running = scan.scan(...flags, "podman");
    await begun();
    expect(await running.ended).toMatchObject({ status: 0 });
    expect((await scan.npz("1_2")).equals(plain)).toBe(true);
    expect(await containers()).toBe("");
  });

  test("is not needed to try such a reco: it is checked, and fits one unit, in its container", async () => {
    const reco = await makeReco(await freshDirectory(), "stream");
    const flags = ["--container", "podman"];
    const checked = await runSkyscan(["recos", "check", reco, ...flags], { env: environment });
    expect(checked).toMatchObject({ status: 0, stdout: expect.stringContaining("conforms") as string });
    const unit = ["--unit", "8/340/0", "--event", bronze, "--reco-path", reco];
    const one = await runSkyscan(["recos", "run", "pandel_spe", ...unit, ...flags], { env: environment });
    expect(one).toMatchObject({ status: 0, stderr: expect.stringContaining("$ podman run --rm --init") as string });
    expect(JSON.parse(one.stdout)).toMatchObject({ kind: "result" });
    expect(await containers()).toBe("");
  });

  test("gives them in mode oneshot, too, when a client is killed with all that guards its containers: the next one removes them", async () => {
    const scan = await scanOf();
    const flags = ["--reco-path", await makeReco(scan.directory, "oneshot"), "--container", "podman"];
    const server = scan.server(...flags);
    // Nobody else removes it when the guards are dead.
    const killed = scan.client(...flags, "--scratch-dir", join(scan.directory, "scratch"));
    await begun();
    for (const [pid, command] of await descendants(killed.pid)) if (command.includes("groups=")) process.kill(pid, "SIGKILL");
    killed.kill("SIGKILL");
    await killed.ended;
    const next = scan.client(...flags, "--slots", "2");
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await next.ended).toMatchObject({ status: 0 });
    expect((await scan.npz("1_2")).equals(plain)).toBe(true);
    expect(await containers()).toBe("");
  });
});
