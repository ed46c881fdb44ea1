/** Fits are short when they take less than this on average, seconds. */
const shortFitSec = 5;
/** A delivery that waits longer than this for its first fit had better be with another client, seconds. */
const agedSec = 20;
/** The weight of the newest fit in the average. */
const newestWeight = 0.2;

/**
 * Whether units are to be taken ahead of the slots. While fits are short that hides the way to the broker; while they are long
 * a unit that waits behind a fit could run elsewhere, and ages (engine-protocol, section 8).
 */
export interface Lookahead {
  /** A fit took so long, seconds. */
  fitted(runtimeSec: number): void;
  /** `oldestSec`: how long the oldest delivery of which nothing has begun has waited. */
  wanted(oldestSec: number): boolean;
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
      return fits >= needed && meanSec < shortFitSec;
    },
  };
}
