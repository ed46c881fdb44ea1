/** Units that are out while nothing has ever succeeded: few, so that a scan in which nothing can succeed is soon seen through. */
const unprovenMin = 50;

/** Results take this long from a client to the next unit for it, at the worst: what is fitted meanwhile should be out already. */
const wayBackSec = 0.2;
/** More than this at the same time makes nothing faster. */
const maxForSpeed = 2000;
/** For what is taken ahead of the slots, no more: what is out is kept in memory, however many clients there are. */
const maxForLookahead = 16_384;

export interface WindowFacts {
  /** Least number of units out at the same time (SKYSCAN_WINDOW_MIN). */
  readonly min: number;
  /** Of the workers that are alive, and how many units they take ahead of them. */
  readonly slots: number;
  readonly lookahead: number;
  /** Results per second lately. */
  readonly perSec: number;
  /** Some fit has succeeded. */
  readonly proven: boolean;
}

/** How many units may be out at the same time: enough that no slot waits for the server, bounded so that memory does not grow with the sky. */
export const windowSize = ({ min, slots, lookahead, perSec, proven }: WindowFacts): number =>
  Math.max(
    proven ? min : Math.min(min, unprovenMin),
    2 * slots + Math.min(maxForLookahead, 2 * lookahead),
    Math.min(maxForSpeed, Math.round(wayBackSec * perSec)),
  );
