/** No more units travel in one message: a client that is lost costs this many fits at most, however short they are. */
const maxUnits = 256;
/** So many fits of an nside tell how long its next ones take. */
const knownFits = 16;
/** While a level runs out, a message takes at most this share of what one slot will still get, so that all slots end together. */
const shareOfRest = 1 / 2;
/** A message takes no more than this share of what may be out: clients come back for the next one before they are idle. */
const shareOfWindow = 1 / 4;

export interface BatchFacts {
  /** How long a message shall keep a slot busy, seconds (SKYSCAN_BATCH_SEC); 0: one unit per message. */
  readonly targetSec: number;
  /** Fits of this nside that are over, and how long one keeps a slot busy on average, seconds. */
  readonly fits: number;
  readonly slotSecPerFit: number;
  /** Units that are planned and not out. */
  readonly waiting: number;
  /** Of the workers that are alive. */
  readonly slots: number;
  /** How many units may be out at the same time. */
  readonly window: number;
}

/**
 * How many units of one nside travel in the next message. One until it is known how long they take; then as many as keep a slot busy for the
 * target time, fewer towards the end of what is planned.
 */
export function batchSize({ targetSec, fits, slotSecPerFit, waiting, slots, window }: BatchFacts): number {
  if (targetSec === 0 || fits < knownFits) return 1;
  const most = Math.min(
    maxUnits,
    targetSec / slotSecPerFit,
    (shareOfRest * waiting) / Math.max(1, slots),
    shareOfWindow * window,
  );
  return Math.max(1, Math.floor(most));
}
