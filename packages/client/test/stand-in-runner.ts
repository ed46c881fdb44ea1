import type { Runner, RunnerOutcome, RunnerUnit } from "@skyscan/recos";
import { deferred } from "@skyscan/runtime";

/** A fit that a test decides about. */
export interface OpenFit {
  readonly unit: RunnerUnit;
  readonly signal: AbortSignal;
  readonly decided: boolean;
  result(llh?: number): void;
  fail(retry?: boolean): void;
  reject(error: unknown): void;
}

/** Runners whose fits end when the test says so; an aborted one ends as cancelled. */
export interface StandInRunners {
  make(): Runner;
  /** Every fit that was ever begun. */
  readonly fits: readonly OpenFit[];
  /** The fit of a unit, waited for: the `nth` that was begun (from 0). */
  fit(unit: string, nth?: number): Promise<OpenFit>;
  readonly closed: number;
}

export function createStandInRunners(inFlight = 1): StandInRunners {
  const fits: OpenFit[] = [];
  const watchers = new Set<() => void>();
  let closed = 0;

  function run(unit: RunnerUnit, signal: AbortSignal): Promise<RunnerOutcome> {
    const end = deferred<RunnerOutcome>();
    const cancel = (): void => decide({ kind: "cancelled", runtimeSec: 0 });
    signal.addEventListener("abort", cancel);
    let decided = false;
    const decide = (outcome: RunnerOutcome): void => {
      decided = true;
      signal.removeEventListener("abort", cancel);
      end.resolve(outcome);
    };
    fits.push({
      unit,
      signal,
      get decided() {
        return decided;
      },
      result: (llh = 1) =>
        decide({
          kind: "result",
          runtimeSec: 0.5,
          result: { llh, eInGeV: null, eTotGeV: null, xM: 0, yM: 0, zM: 0, timeNs: 0 },
        }),
      fail: (retry = true) =>
        decide({
          kind: "failure",
          runtimeSec: 0.5,
          code: "crashed",
          message: "exit 1",
          retry,
          stderrTail: "the end of its log",
        }),
      reject: (error) => end.reject(error),
    });
    for (const watcher of [...watchers]) watcher();
    return end.promise;
  }

  return {
    make: () => ({
      inFlight,
      run,
      close() {
        closed += 1;
        return Promise.resolve();
      },
    }),
    fits,
    fit(wanted, nth = 0) {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = fits.filter(({ unit }) => unit.unit === wanted)[nth];
          if (found === undefined) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
      });
    },
    get closed() {
      return closed;
    },
  };
}
