import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@skyscan/runtime";
import { createRunner } from "../src/create-runner.ts";
import { readManifest } from "../src/manifest/manifest-file.ts";
import type { Reco } from "../src/manifest/manifest-file.ts";
import { writeRecoStartup } from "../src/runner/reco-startup.ts";
import { madeUpStartup } from "../src/check/check-event.ts";
import type { RunnerOptions } from "../src/process/runner-options.ts";
import type { Runner, RunnerUnit } from "../src/runner/runner.ts";

/** A directory of a test's own, with everything that was opened in it; `dispose` closes all of it. */
export interface Bench {
  readonly directory: string;
  readonly scratchDir: string;
  /** Where a fixture leaves notes for its test; its path is in NOTES. */
  readonly notesPath: string;
  notes(): Promise<readonly string[]>;
  /** A reco whose executable is this node script, after the prelude below. */
  streamReco(script: string, manifest?: ManifestChange): Promise<Reco>;
  /** A reco that runs this shell text once per unit. */
  oneshotReco(script: string, manifest?: ManifestChange): Promise<Reco>;
  runner(reco: Reco, change?: Partial<RunnerOptions>): Promise<Runner>;
  dispose(): Promise<void>;
}

export interface ManifestChange {
  readonly run?: Record<string, unknown>;
  readonly [key: string]: unknown;
}

/**
 * What every fixture of mode stream can use: `say`, `ready`, `result`, `note`; it may set `onStart`, `onUnit`, `onOther` and `onEnd`.
 */
const prelude = `
import { createInterface } from "node:readline";
import { appendFileSync } from "node:fs";
import { spawn } from "node:child_process";
const say = (line) => process.stdout.write((typeof line === "string" ? line : JSON.stringify(line)) + "\\n");
const note = (text) => appendFileSync(process.env.NOTES, text + "\\n");
const ready = (change = {}) => say({ type: "ready", protocol: 1, name: "fixture", version: "1.0.0", ...change });
const result = (line, llh = 1) => say({ type: "result", unit: line.unit, llh });
const log = (text) => process.stderr.write(text);
let onStart = () => ready();
let onUnit = (line) => result(line);
let onOther = () => undefined;
let onEnd = () => undefined;
setImmediate(() => {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (text) => {
    const line = JSON.parse(text);
    if (line.type === "start") onStart(line, text);
    else if (line.type === "unit") onUnit(line, text);
    else onOther(line);
  });
  lines.on("close", () => onEnd());
});
`;

const manifestOf = (change: ManifestChange, run: Record<string, unknown>): string =>
  JSON.stringify({
    protocol: 1,
    name: "fixture",
    version: "1.0.0",
    description: "For tests.",
    startTimeoutSec: 20,
    timeoutSec: 20,
    ...change,
    run: { ...run, ...change.run },
  });

export async function createBench(): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), "skyscan-recos-"));
  const scratchDir = join(directory, "scratch");
  const notesPath = join(directory, "notes");
  const runners: Runner[] = [];
  let recos = 0;

  const reco = async (file: string, script: string, manifest: string): Promise<Reco> => {
    recos += 1;
    const dir = join(directory, `reco-${recos}`);
    await mkdir(dir);
    await writeFile(join(dir, file), script);
    await writeFile(join(dir, "reco.json"), manifest);
    return readManifest(dir);
  };
  await writeFile(notesPath, "");

  return {
    directory,
    scratchDir,
    notesPath,
    notes: async () => (await readFile(notesPath, "utf8")).split("\n").filter((line) => line !== ""),
    streamReco: (script, change = {}) =>
      reco(
        "reco.mjs",
        `${prelude}\n${script}\n`,
        manifestOf(change, { mode: "stream", command: [process.execPath, "{{RECO_DIR}}/reco.mjs"], env: { NOTES: notesPath } }),
      ),
    oneshotReco: (script, change = {}) =>
      reco(
        "reco.sh",
        script,
        manifestOf(change, {
          mode: "oneshot",
          command: ["sh", "{{RECO_DIR}}/reco.sh", "{{INFILE}}", "{{OUTFILE}}"],
          env: { NOTES: notesPath },
        }),
      ),
    async runner(made, change = {}) {
      const startupPath = join(directory, "client-startup.json");
      await writeRecoStartup(madeUpStartup(), startupPath);
      const runner = createRunner({
        reco: made,
        startupPath,
        slot: 3,
        scratchDir,
        logger: silentLogger,
        environment: process.env,
        grace: { termMs: 300, leaveMs: 2_000 },
        ...change,
      });
      runners.push(runner);
      return runner;
    },
    async dispose() {
      await Promise.all(runners.map((runner) => runner.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A unit of nside 8. */
export const unitOf = (pixel: number, attempt = 1): RunnerUnit => ({
  unit: `8/${pixel}/0`,
  attempt,
  payload: {
    nside: 8,
    pixel,
    posvar: 0,
    direction: { zenithRad: 1.2, azimuthRad: 3.4, raRad: 0.5, decRad: 0.6 },
    seed: { xM: 1, yM: 2, zM: -300, timeNs: 9876.5, energyGeV: null },
    fallbackSeed: null,
  },
});

/** A signal that never aborts. */
export const forever = (): AbortSignal => new AbortController().signal;

/** Whether a process is there and not just waiting to be reaped. */
export async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return false;
  const state = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[0];
  return state !== "Z" && state !== "X";
}
