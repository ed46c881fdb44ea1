import { maxReasonChars, maxStderrTailChars } from "@skyscan/protocol";
import type { FitResult, Outcome } from "@skyscan/protocol";
import type { RunnerOutcome } from "@skyscan/recos";

/** What is not finite travels as null. */
const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

const finiteResult = (result: FitResult): FitResult => ({
  llh: finite(result.llh),
  eInGeV: finite(result.eInGeV),
  eTotGeV: finite(result.eTotGeV),
  xM: finite(result.xM),
  yM: finite(result.yM),
  zM: finite(result.zM),
  timeNs: finite(result.timeNs),
});

/** What the server is told of a fit that ended, within the limits of the message. Undefined for a cancelled one: that is nobody's news. */
export function outcomeOf(unit: string, attempt: number, ended: RunnerOutcome): Outcome | undefined {
  const about = { unit, attempt, runtimeSec: ended.runtimeSec };
  switch (ended.kind) {
    case "result":
      return { kind: "result", ...about, result: finiteResult(ended.result) };
    case "failure":
      return {
        kind: "failure",
        ...about,
        code: ended.code,
        message: ended.message.slice(0, maxReasonChars),
        retry: ended.retry,
        stderrTail: ended.stderrTail.slice(-maxStderrTailChars),
      };
    case "cancelled":
      return undefined;
  }
}
