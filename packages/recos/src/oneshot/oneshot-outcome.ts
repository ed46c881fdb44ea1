import type { OneshotEnd } from "./oneshot.ts";
import { engineFailure, recoFailure } from "../runner/outcomes.ts";
import { parseRecoLine } from "../runner/reco-lines.ts";
import { describeEnd } from "../process/reco-process.ts";
import type { RunnerOutcome } from "../runner/runner.ts";

/** Status 0 and a valid outfile is the answer; everything else is a failure of the engine's list. */
export function oneshotOutcome(unit: string, ended: OneshotEnd, limitSec: number): RunnerOutcome {
  const { kind, end, runtimeSec, outfile, logTail } = ended;
  if (kind === "cancelled") return { kind: "cancelled", runtimeSec };
  if (kind === "timed-out") return engineFailure("timed-out", `it did not end within ${limitSec} s`, runtimeSec, logTail);
  if (end.status !== 0) return engineFailure("crashed", `the reco ${describeEnd(end)}`, runtimeSec, logTail);
  if (outfile.problem !== undefined) return engineFailure("protocol", outfile.problem, runtimeSec, logTail);
  if (outfile.text === undefined) {
    return engineFailure("no-output", "the reco ended with status 0 and left no outfile", runtimeSec, logTail);
  }
  const line = parseRecoLine(outfile.text);
  if (line.type === "bad") return engineFailure("protocol", `the outfile is ${line.why}`, runtimeSec, logTail);
  if (line.type === "ready" || line.type === "progress") {
    return engineFailure("protocol", `the outfile holds "${line.type}", not a result or an error`, runtimeSec, logTail);
  }
  if (line.unit !== unit) {
    return engineFailure("protocol", `the outfile is for unit ${JSON.stringify(line.unit)}`, runtimeSec, logTail);
  }
  if (line.type === "result") return { kind: "result", runtimeSec, result: line.result };
  return recoFailure(line, runtimeSec, logTail);
}
