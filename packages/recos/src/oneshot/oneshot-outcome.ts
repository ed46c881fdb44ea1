import type { OneshotEnd } from "./oneshot.ts";
import { engineFailure, recoFailure } from "../runner/outcomes.ts";
import type { OneshotAnswer } from "./oneshot-format.ts";
import { describeEnd } from "../process/reco-process.ts";
import type { RunnerOutcome } from "../runner/runner.ts";

/** Status 0 and a valid outfile is the answer, as `answerOf` reads it; everything else is a failure of the engine's list. */
export function oneshotOutcome(answerOf: (outfile: string) => OneshotAnswer, ended: OneshotEnd, limitSec: number): RunnerOutcome {
  const { kind, end, runtimeSec, outfile, logTail } = ended;
  if (kind === "cancelled") return { kind: "cancelled", runtimeSec };
  if (kind === "timed-out") return engineFailure("timed-out", `it did not end within ${limitSec} s`, runtimeSec, logTail);
  if (end.status !== 0) return engineFailure("crashed", `the reco ${describeEnd(end)}`, runtimeSec, logTail);
  if (outfile.problem !== undefined) return engineFailure("protocol", outfile.problem, runtimeSec, logTail);
  if (outfile.text === undefined) {
    return engineFailure("no-output", "the reco ended with status 0 and left no outfile", runtimeSec, logTail);
  }
  const answer = answerOf(outfile.text);
  if (answer.type === "bad") return engineFailure("protocol", answer.why, runtimeSec, logTail);
  if (answer.type === "result") return { kind: "result", runtimeSec, result: answer.result };
  return recoFailure(answer, runtimeSec, logTail);
}
