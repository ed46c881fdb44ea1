import { fork } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inputsOf } from "./inputs.ts";
import { betweenInputs, limitMb, limitMs } from "./limits.ts";
import { targets } from "./targets.ts";
import type { Failure, Job, JobReport } from "./worker.ts";

/** What became of one target's inputs. */
export interface TargetResult {
  readonly target: string;
  readonly tried: number;
  readonly accepted: number;
  readonly refused: number;
  readonly slowestMs: number;
  readonly peakMb: number;
  readonly failures: readonly SavedFailure[];
}

export interface SavedFailure extends Failure {
  /** The input that did it. */
  readonly path: string;
}

/** After so many a target is broken, and more of the same says nothing. */
const maxFailures = 20;
/** A parser that has worked so long at one input hangs. */
const hangCpuMs = 10 * limitMs;
/** On a machine that may be busy, one that waits so long hangs too. */
const hangWallMs = 120_000;
const watchMs = 100;
/** A worker that is this far beyond its limit is not waited for. */
const killMb = 2 * limitMb;
const workerPath = fileURLToPath(new URL("worker.ts", import.meta.url));

/** Runs jobs, each of another target, in as many processes as it takes; `finished` is called for each in turn. */
export async function fuzz(
  jobs: readonly Job[],
  seed: number,
  finished: (result: TargetResult) => void,
): Promise<TargetResult[]> {
  const results: TargetResult[] = [];
  let rest = [...jobs];
  let earlier: JobReport[] = [];
  while (rest.length > 0) {
    const finish = (job: Job, reports: readonly JobReport[]): void => {
      const result = resultOf(job, seed, reports);
      results.push(result);
      finished(result);
    };
    const running = rest;
    const { last, died } = await runWorker(running, seed, (report) => {
      if (report.done < running[report.job]!.to) return;
      finish(running[report.job]!, [...(report.job === 0 ? earlier : []), report]);
    });
    if (died === undefined) break;
    // The job that killed its worker goes on behind the input that did it.
    const job = running[died.job]!;
    const before = died.job === 0 ? earlier : [];
    const said = last?.job === died.job && last.done <= died.index ? [last] : [];
    earlier = [
      ...before,
      ...said,
      { job: 0, done: died.index + 1, accepted: 0, refused: 0, slowestMs: 0, peakMb: 0, failures: [died] },
    ];
    const goesOn = died.index + 1 < job.to && earlier.flatMap(({ failures }) => failures).length < maxFailures;
    if (!goesOn) {
      finish({ ...job, to: died.index + 1 }, earlier);
      earlier = [];
    }
    rest = [...(goesOn ? [{ ...job, from: died.index + 1 }] : []), ...running.slice(died.job + 1)];
  }
  return results;
}

function resultOf({ target, to }: Job, seed: number, reports: readonly JobReport[]): TargetResult {
  const failures = reports.flatMap((report) => report.failures);
  const sum = (count: (report: JobReport) => number): number => reports.reduce((total, report) => total + count(report), 0);
  return {
    target,
    tried: to,
    accepted: sum(({ accepted }) => accepted),
    refused: sum(({ refused }) => refused),
    slowestMs: Math.max(...reports.map((report) => report.slowestMs)),
    peakMb: Math.max(...reports.map((report) => report.peakMb)),
    failures: save(target, seed, failures),
  };
}

interface WorkerEnd {
  readonly last: JobReport | undefined;
  /** Why it did not end by itself, and at which input of which job. */
  readonly died: (Failure & { readonly job: number }) | undefined;
}

function runWorker(jobs: readonly Job[], seed: number, reported: (report: JobReport) => void): Promise<WorkerEnd> {
  const directory = mkdtempSync(join(tmpdir(), "skyscan-fuzz-"));
  const progressPath = join(directory, "progress");
  writeFileSync(progressPath, "");
  const worker = fork(workerPath, [String(seed), progressPath, JSON.stringify(jobs)], {
    execArgv: ["--import", "tsx", "--conditions=@skyscan/source", "--expose-gc", "--max-old-space-size=400"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let last: JobReport | undefined;
  let stderr = "";
  let why: string | undefined;
  worker.on("message", (message) => {
    last = message as JobReport;
    reported(last);
  });
  worker.stderr?.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4000)));
  let seen = "";
  let [sinceMs, sinceCpuMs] = [0, 0];
  const watch = setInterval(() => {
    const at = placeIn(progressPath);
    const place = at === undefined || at[1] === betweenInputs ? "" : at.join();
    if (place === "") {
      seen = "";
      return;
    }
    const usedMs = cpuMs(worker.pid);
    if (place !== seen) [seen, sinceMs, sinceCpuMs] = [place, Date.now(), usedMs];
    else if (usedMs - sinceCpuMs > hangCpuMs || Date.now() - sinceMs > hangWallMs)
      why = `hung for ${Math.round((usedMs - sinceCpuMs) / 1000)} s`;
    if (residentMb(worker.pid) > killMb) why = `took more than ${killMb} MB`;
    if (why !== undefined) worker.kill("SIGKILL");
  }, watchMs);
  return new Promise((resolve) => {
    worker.on("close", (status, signal) => {
      clearInterval(watch);
      const [job, index] = placeIn(progressPath) ?? [0, jobs[0]!.from];
      rmSync(directory, { recursive: true, force: true });
      if (status === 0) return resolve({ last, died: undefined });
      const memory = stderr.includes("heap out of memory") ? "ran out of memory" : undefined;
      resolve({
        last,
        died: { job, index, what: why ?? memory ?? `ended with ${signal ?? status}: ${stderr.trim().slice(-500)}` },
      });
    });
  });
}

/** Which input of which job is at work; undefined before the first. */
function placeIn(path: string): [job: number, index: number] | undefined {
  const file = openSync(path, "r");
  try {
    const place = Buffer.alloc(8);
    return readSync(file, place, 0, 8, 0) === 8 ? [place.readUInt32LE(0), place.readUInt32LE(4)] : undefined;
  } finally {
    closeSync(file);
  }
}

/** Processor time of a process, in clock ticks of 10 ms (proc(5), fields 14 and 15). */
function cpuMs(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return 0;
  }
}

function residentMb(pid: number | undefined): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]) * 4096) / 2 ** 20;
  } catch {
    return 0;
  }
}

/** Keeps the inputs that broke a rule; they are made again from seed and index. */
function save(name: string, seed: number, failures: readonly Failure[]): SavedFailure[] {
  if (failures.length === 0) return [];
  const directory = mkdtempSync(join(tmpdir(), "skyscan-fuzz-failures-"));
  const makeInput = inputsOf(
    targets.find((target) => target.name === name)!,
    seed,
  );
  return failures.map(({ index, what }) => {
    const path = join(directory, `${name}-${seed}-${index}`);
    writeFileSync(path, makeInput(index));
    return { index, what, path };
  });
}
