/** A scan of several, as far as it matters for whose turn it is. */
export interface TurnFacts {
  /**
   * - `waiting` not reached, or left again
   * - `opening` being reached
   * - `consuming` its work is taken
   * - `paused` reached, but nothing is taken; fits of it may run
   */
  readonly state: "waiting" | "opening" | "consuming" | "paused";
  /** When it last began to open or to consume; -Infinity: never. */
  readonly turnMs: number;
  /** Slots at which its fits run. */
  readonly busy: number;
  /** Something of it is in hand. */
  readonly working: boolean;
  /** It has units that wait for slots, and other scans have some of these. */
  readonly crowded: boolean;
  /** For how long its idlest slot has been idle. */
  readonly idleMs: number;
}

export interface TurnDecision<T> {
  /** Take nothing more of these. */
  readonly pause: readonly T[];
  /** Leave this one, to make room: it was reached first, or cannot be reached, and has nothing to do. */
  readonly leave?: T;
  /** This one is next: reach it, or take of it again. */
  readonly next?: T;
}

/** A slot that has had nothing to do for so long is for the next scan. */
const idleForNextMs = 1000;
/** A scan that cannot be reached at once is waited for no longer before the next one has its turn. */
const openingMs = 5000;
/** Scans that are reached at the same time, beside those of which something is in hand: what is published in one of these is begun at once. */
const mostOpen = 8;
/** When nothing came for so long, and there are more scans than can be open, they are gone through slowly. */
const quietMs = 30_000;
const slowTurnMs = 5000;

/**
 * One scan is consumed from. When slots have been idle for a second the next one joins in, least recently consumed first, and so on, until there
 * is enough to do; when there is too much, only the one with most fits running goes on, so that no unit waits here while it could run elsewhere.
 * `lastWorkMs`: when something was last in hand.
 */
export function decideTurns<T extends TurnFacts>(scans: readonly T[], nowMs: number, lastWorkMs: number): TurnDecision<T> {
  const open = scans.filter(({ state }) => state !== "waiting");
  const consuming = scans.filter(({ state }) => state === "consuming");
  if (consuming.length > 1 && consuming.some(({ crowded }) => crowded)) {
    const lead = consuming.reduce((best, scan) => (scan.busy > best.busy ? scan : best));
    return { pause: consuming.filter((scan) => scan !== lead) };
  }
  const next = scans
    .filter(({ state }) => state === "waiting" || state === "paused")
    .reduce<T | undefined>((first, scan) => (first === undefined || scan.turnMs < first.turnMs ? scan : first), undefined);
  if (next === undefined) return { pause: [] };
  const lastTurnMs = Math.max(-Infinity, ...open.map(({ turnMs }) => turnMs));
  const sinceMs = nowMs - lastTurnMs;
  const idle = open.length === 0 || open.some(({ idleMs }) => idleMs >= idleForNextMs);
  if (!idle || sinceMs < idleForNextMs) return { pause: [] };
  if (open.some(({ state }) => state === "opening") && sinceMs < openingMs) return { pause: [] };
  const resting = open.filter(({ working }) => !working);
  if (next.state === "paused" || resting.length < mostOpen) return { pause: [], next };
  const quiet = nowMs - lastWorkMs > quietMs;
  if (quiet && sinceMs < slowTurnMs) return { pause: [] };
  return { pause: [], leave: resting.reduce((first, scan) => (scan.turnMs < first.turnMs ? scan : first)), next };
}
