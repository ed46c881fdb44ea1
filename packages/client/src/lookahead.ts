/** Fits are short when they take less than this on average, seconds: then one unit is taken ahead for each slot. */
const shortFitSec = 5;
/**
 * Fits are very short below this, seconds: then the way of a reply to the journal and back (some milliseconds) costs more than the fit,
 * and so many units are taken ahead for each slot. They are still only a few seconds of work.
 */
const veryShortFitSec = 0.1;
const veryShortAhead = 32;
/** A delivery that waits longer than this for its first fit had better be with another client, seconds. */
const agedSec = 20;
/** The weight of the newest fit in the average. */
const newestWeight = 0.2;

/**
 * How many units are to be taken ahead of the slots. While fits are short that hides the way to the broker; while they are long
 * a unit that waits behind a fit could run elsewhere, and ages (engine-protocol, section 8).
 */
export interface Lookahead {
  /** A fit took so long, seconds. */
  fitted(runtimeSec: number): void;
  /** `oldestSec`: how long the oldest delivery of which nothing has begun has waited. */
  wanted(oldestSec: number): number;
}

/** It takes `2 * slots` short fits to begin with it, at first and after each time that something has aged. */
export function createLookahead(slots: number): Lookahead {
  const needed = Math.max(4, 2 * slots);
  let fits = 0;
  let meanSec = 0;
  return {
    fitted(runtimeSec) {
      fits += 1;
      meanSec += (runtimeSec - meanSec) * Math.max(newestWeight, 1 / fits);
    },
    wanted(oldestSec) {
      if (oldestSec > agedSec) {
        fits = 0;
        meanSec = 0;
      }
      if (fits < needed || meanSec >= shortFitSec) return 0;
      return slots * (meanSec < veryShortFitSec ? veryShortAhead : 1);
    },
  };
}
