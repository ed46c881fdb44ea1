// Parses the inputs of targets, one after the other, in a process of its own: it may hang or run out of memory.
// Words: seed, file that says which input of which job is being parsed, jobs as JSON.
import { openSync, writeSync } from "node:fs";
import { inputsOf } from "./inputs.ts";
import { betweenInputs, limitMb, limitMs } from "./limits.ts";
import { forgetPeak, peakMb } from "./peak-memory.ts";
import { targets } from "./targets.ts";
import type { Target } from "./target.ts";

/** Inputs `from` up to but not including `to` of a target. */
export interface Job {
  readonly target: string;
  readonly from: number;
  readonly to: number;
}

/** What happened to an input that broke a rule. */
export interface Failure {
  readonly index: number;
  readonly what: string;
}

/** What became of the inputs of one job so far; sent at every failure, every 100 inputs, and at its end. */
export interface JobReport {
  readonly job: number;
  readonly done: number;
  readonly accepted: number;
  readonly refused: number;
  readonly slowestMs: number;
  readonly peakMb: number;
  readonly failures: readonly Failure[];
}

const [seed = "0", progressPath = "", jobs = "[]"] = process.argv.slice(2);
const progress = openSync(progressPath, "w");
const place = Buffer.alloc(8);
const collect = (globalThis as { gc?: () => void }).gc;
const residentMb = (): number => process.memoryUsage.rss() / 2 ** 20;
/** Garbage of many inputs must not look like the memory of one: it is collected when there is so much more of it. */
const garbageMb = 30;
let cleanMb = 0;
function clean(): void {
  // The second collection waits for what the first one frees beside the program: buffers, which are most of it.
  collect?.();
  collect?.();
  forgetPeak();
  cleanMb = residentMb();
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Undefined when it was accepted. */
async function refusalOf(target: Target, bytes: Uint8Array): Promise<unknown> {
  try {
    await target.parse(bytes);
    return undefined;
  } catch (error) {
    return error ?? new Error("nothing was thrown");
  }
}

/** What was thrown, and the line of the product that it comes from. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const line = /[^ (]*packages\/[^ )]*/.exec((error.stack ?? "").replace(error.message, ""))?.[0] ?? "";
  return `threw ${error.name}: ${error.message.slice(0, 200)} ${line.replace(/^.*packages/, "packages")}`;
}

/** Tells the parent which input is at work; undefined: none is. */
function tell(job: number, input: number = betweenInputs): void {
  place.writeUInt32LE(job, 0);
  place.writeUInt32LE(input, 4);
  writeSync(progress, place, 0, 8, 0);
}

async function work(number: number, { target: name, from, to }: Job): Promise<void> {
  const target = targets.find((one) => one.name === name)!;
  tell(number);
  const makeInput = inputsOf(target, Number(seed));
  const failures: Failure[] = [];
  let [accepted, refused, slowestMs, mostMb, done] = [0, 0, 0, 0, from];
  const send = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const report: JobReport = { job: number, done, accepted, refused, slowestMs, peakMb: mostMb, failures };
      process.send!(report, (error: Error | null) => (error === null ? resolve() : reject(error)));
    });
  clean();
  while (done < to) {
    const bytes = makeInput(done);
    if (residentMb() > cleanMb + garbageMb) clean();
    tell(number, done);
    const startMs = performance.now();
    const startCpuMs = cpuMs();
    const error = await refusalOf(target, bytes);
    tell(number);
    // A busy machine makes a parser wait; only its own work counts.
    const ms = Math.min(performance.now() - startMs, cpuMs() - startCpuMs);
    const problems = [
      ...(error !== undefined && !target.errors.some((family) => error instanceof family) ? [describe(error)] : []),
      ...(ms > limitMs ? [`took ${Math.round(ms)} ms`] : []),
      ...(peakMb() > limitMb ? [`took ${peakMb()} MB`] : []),
    ];
    failures.push(...problems.map((what) => ({ index: done, what })));
    if (error === undefined) accepted += 1;
    else if (problems.length === 0) refused += 1;
    slowestMs = Math.max(slowestMs, ms);
    mostMb = Math.max(mostMb, peakMb());
    done += 1;
    if (problems.length > 0 || done % 100 === 0) await send();
    if (peakMb() > limitMb) clean();
  }
  await send();
}

for (const [number, job] of (JSON.parse(jobs) as Job[]).entries()) await work(number, job);
process.disconnect();
