import { maxReasonChars } from "@skyscan/protocol";
import type { FailureCode } from "@skyscan/protocol";
import type { RecoLine } from "./reco-lines.ts";
import type { RunnerOutcome } from "./runner.ts";

type Failure = Extract<RunnerOutcome, { kind: "failure" }>;

/** A failure that the engine saw; another try may help. */
export const engineFailure = (code: FailureCode, message: string, runtimeSec: number, stderrTail: string): Failure => ({
  kind: "failure",
  runtimeSec,
  code,
  message: message.slice(0, maxReasonChars),
  retry: true,
  stderrTail,
});

/** The reco's own `error`. */
export const recoFailure = (line: Extract<RecoLine, { type: "error" }>, runtimeSec: number, stderrTail: string): Failure => ({
  ...engineFailure(line.code, line.message, runtimeSec, stderrTail),
  retry: line.retry,
});
