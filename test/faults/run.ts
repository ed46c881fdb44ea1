import { createRandom } from "@skyscan/simulation";
import { within } from "@skyscan/runtime";
import type { Fault } from "./fault.ts";
import type { RunPlan } from "./run-plan.ts";
import { setStage } from "./stage.ts";
import type { StageOptions } from "./stage.ts";
import { judge } from "./verdict.ts";

/** No scan of the campaign may take longer, seconds; nor its clients, after its end. */
const scanLimitSec = 400;
const clientsLimitSec = 90;

export interface RunResult {
  readonly plan: RunPlan;
  /** Names of the faults that struck before the scan was over. */
  readonly struck: readonly string[];
  readonly seconds: number;
  /** Empty: survived. */
  readonly problems: readonly string[];
  readonly directory: string;
}

/** One whole scan with its faults, and what became of it. */
export async function runPlan(
  options: StageOptions,
  faultOf: (name: string) => Fault,
  breakOff?: AbortSignal,
): Promise<RunResult> {
  const { plan, directory } = options;
  const stage = await setStage(options);
  const blows = plan.faults.map(({ name, at, seed }) => ({ fault: faultOf(name), blow: { at, random: createRandom(seed) } }));
  const struck: string[] = [];
  const startMs = performance.now();
  let seconds = 0;
  let verdict: readonly string[] = [];
  const ended = new AbortController();
  const broken = aborted(breakOff, ended.signal);
  broken.catch(() => undefined);
  try {
    const missing: string[] = [];
    for (const { fault, blow } of blows) {
      if ((await fault.missing?.()) === undefined) await fault.prepare?.(stage, blow);
      else missing.push(fault.name);
    }
    stage.open();
    const strikes = blows
      .filter(({ fault }) => !missing.includes(fault.name))
      .map(async ({ fault, blow }) => {
        try {
          if (await fault.strike(stage, blow)) struck.push(fault.name);
        } catch (error) {
          stage.problem(`${fault.name} could not be done: ${String(error)}`);
        }
      });
    const over = Promise.race([stage.server.finished, broken]);
    await inTime("the scan is over", scanLimitSec, over);
    seconds = (performance.now() - startMs) / 1000;
    await inTime("the faults are mended", clientsLimitSec, Promise.all(strikes));
    await inTime("every client has left", clientsLimitSec, Promise.all(stage.clients.map((client) => client.finished)));
    verdict = await judge(stage);
    for (const problem of verdict) stage.problem(problem);
  } catch (error) {
    stage.problem(String(error));
  } finally {
    ended.abort();
    await stage.close();
  }
  return { plan, struck, seconds, problems: stage.problems, directory };
}

/** Rejects when `signal` aborts; `until` takes the listener off, since many runs share the signal. */
const aborted = (signal: AbortSignal | undefined, until: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const broken = (): void => reject(new Error("broken off"));
    if (signal?.aborted === true) broken();
    else signal?.addEventListener("abort", broken, { once: true, signal: until });
  });

async function inTime(what: string, limitSec: number, event: Promise<unknown>): Promise<void> {
  const late = Symbol();
  if ((await within(limitSec * 1000, event, late)) === late) throw new Error(`not in ${limitSec} s: ${what}`);
}
