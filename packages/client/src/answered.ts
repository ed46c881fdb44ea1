import type { Outcome } from "@skyscan/protocol";

/** Of a failure's stderr, so much is remembered: ten thousand whole ones would fill the memory. */
const rememberedTailChars = 1024;

/**
 * The last outcomes that were given, so that a redelivery of an answered unit is answered again instead of fitted again:
 * a result whatever the attempt, a failure only for the same attempt (another attempt is the server's wish for another try).
 */
export interface Answered {
  remember(outcome: Outcome): void;
  recall(unit: string, attempt: number): Outcome | undefined;
}

export function createAnswered(capacity = 10_000): Answered {
  const outcomes = new Map<string, Outcome>();
  /** All of them in the order of the answers, in a circle: the first key of a map from which much was deleted is slow to find. */
  const order: Outcome[] = [];
  let oldest = 0;
  return {
    remember(outcome) {
      const kept =
        outcome.kind === "failure" ? { ...outcome, stderrTail: outcome.stderrTail.slice(-rememberedTailChars) } : outcome;
      outcomes.set(outcome.unit, kept);
      const forgotten = order[oldest];
      if (forgotten !== undefined && outcomes.get(forgotten.unit) === forgotten) outcomes.delete(forgotten.unit);
      order[oldest] = kept;
      oldest = (oldest + 1) % capacity;
    },
    recall(unit, attempt) {
      const outcome = outcomes.get(unit);
      if (outcome === undefined || (outcome.kind !== "result" && outcome.attempt !== attempt)) return undefined;
      return outcome;
    },
  };
}
