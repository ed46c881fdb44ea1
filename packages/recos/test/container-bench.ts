import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { busyboxImage, containerEnvironment, podman } from "@skyscan/testing";
import type { Reco } from "../src/manifest/manifest-file.ts";
import type { RunnerOptions } from "../src/process/runner-options.ts";
import type { Runner } from "../src/runner/runner.ts";
import { createBench } from "./fixture-reco.ts";
import type { Bench, ManifestChange } from "./fixture-reco.ts";

/** A bench for recos in shell, in an image of nothing but busybox. */
export interface ContainerBench {
  readonly bench: Bench;
  /** Of its recos, and of nobody else's. */
  readonly name: string;
  /** An environment in which podman, also as docker, works. */
  readonly environment: NodeJS.ProcessEnv;
  /** The data hub: writable from inside, and its name is an odd one. What recos write to $NOTES is there. */
  readonly hub: string;
  oneshot(script: string, change?: ManifestChange): Promise<Reco>;
  /** Shell text for each unit, whose name is $unit; `streamReply` answers it. */
  stream(onUnit: string, change?: ManifestChange): Promise<Reco>;
  runner(reco: Reco, change?: Partial<RunnerOptions>): Promise<Runner>;
  notes(): Promise<readonly string[]>;
  /** Name and state of every container of its recos. */
  containers(): Promise<string>;
}

/** Names of the variables that a oneshot reco in a container gets from the engine, besides those of the image, the container engine and the shell. */
export const oneshotVariables: readonly string[] = [
  "EWMS_TASK_DATA_HUB_DIR",
  "EWMS_TASK_INFILE",
  "EWMS_TASK_OUTFILE",
  "HOME",
  "LANG",
  "LC_ALL",
  "NOTES",
  "SKYSCAN_SCRATCH",
  "SKYSCAN_SLOT",
  "SKYSCAN_STARTUP",
  "TMPDIR",
];

export const oneshotAnswer = `echo '{"type":"result","unit":"8/1/0","llh":1.5}'`;
export const streamReply = `echo "{\\"type\\":\\"result\\",\\"unit\\":\\"$unit\\",\\"llh\\":2.5}"`;

/** In shell, since there is nothing else in the image. */
const streamScript = (name: string, onUnit: string): string => `
  while read -r line; do
    case $line in
      *'"type":"start"'*) echo '{"type":"ready","protocol":1,"name":"${name}","version":"1.0.0"}' ;;
      *'"type":"unit"'*) unit=$(echo "$line" | sed 's/.*"unit":"\\([^"]*\\)".*/\\1/'); ${onUnit} ;;
    esac
  done`;

export async function createContainerBench(): Promise<ContainerBench> {
  const image = await busyboxImage();
  const environment = { ...process.env, ...(await containerEnvironment()) };
  const bench = await createBench();
  const name = `fixture_${randomBytes(4).toString("hex")}`;
  const hub = join(bench.directory, 'the hub, with: odd="names"');
  const run = { image: { docker: image }, env: { NOTES: "{{DATA_HUB}}/notes" } };
  const oneshot: ContainerBench["oneshot"] = (script, change = {}) =>
    bench.oneshotReco(script, { name, ...change, run: { ...run, ...change.run } });
  return {
    bench,
    name,
    environment,
    hub,
    oneshot,
    stream: (onUnit, change = {}) =>
      oneshot(streamScript(name, onUnit), {
        ...change,
        run: { mode: "stream", command: ["sh", "{{RECO_DIR}}/reco.sh"], ...change.run },
      }),
    runner: (reco, change = {}) => bench.runner(reco, { container: "podman", environment, dataHubDirectory: hub, ...change }),
    notes: async () => (await readFile(join(hub, "notes"), "utf8").catch(() => "")).split("\n").filter((line) => line !== ""),
    containers: async () =>
      (await podman("ps", "--all", `--filter=label=org.skyscan.reco=${name}`, "--format={{.Names}} {{.Status}}")).trim(),
  };
}
