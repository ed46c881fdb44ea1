import type { FailureCode, FitPayload, FitResult } from "@skyscan/protocol";

/** One fit as a runner is asked for it. `unit` is opaque to the reco. */
export interface RunnerUnit {
  readonly unit: string;
  readonly attempt: number;
  readonly payload: FitPayload;
}

/**
 * How one fit ended at a runner.
 * - `result` a valid answer (llh null: an honest failed fit)
 * - `failure` of the closed list of codes; `retry` false when another try cannot help; `stderrTail` is the end of the reco's log
 * - `cancelled` the signal aborted; no failure of anybody
 */
export type RunnerOutcome =
  | { readonly kind: "result"; readonly runtimeSec: number; readonly result: FitResult }
  | {
      readonly kind: "failure";
      readonly runtimeSec: number;
      readonly code: FailureCode;
      readonly message: string;
      readonly retry: boolean;
      readonly stderrTail: string;
    }
  | { readonly kind: "cancelled"; readonly runtimeSec: number };

/**
 * Runs fits for one slot. It knows processes, not brokers. Everything it can meet becomes an outcome: `run` never rejects,
 * with one exception: RecoError `start-failed` or `image-failed`, when the reco could not be brought to `ready`; that is charged to no unit.
 */
export interface Runner {
  /** How many `run` calls may be open at the same time (1, or the manifest's `inFlight`). */
  readonly inFlight: number;
  /** Runs one fit under the time limit; starts the process when there is none. Aborting the signal ends the fit (TERM, 5 s, KILL of the whole group); nothing listens to it any more when `run` is over. */
  run(unit: RunnerUnit, signal: AbortSignal): Promise<RunnerOutcome>;
  /** Ends the process (end of stdin, 10 s, then killed) and removes its scratch. Open runs end as cancelled. */
  close(): Promise<void>;
}
