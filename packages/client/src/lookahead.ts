/** Fits are short when they take less than this on average, seconds: then at least one unit is taken ahead for each slot. */
const shortFitSec = 5;
/**
 * Very short fits are taken ahead for so long, seconds, and so many for each slot at most: then the way of a reply to the journal and of the
 * next unit back (some milliseconds) costs more than the fit.
 */
const aheadSec = 0.5;
const maxAheadOfSlot = 1024;
/** A prefetch in AMQP has 16 bits, and what a lost client had comes again. */
const maxAhead = 4096;
/** A delivery that waits longer than this for its first fit had better be with another client, seconds. */
const agedSec = 20;
/** The weight of the newest message in the average. */
const newestWeight = 0.2;
/** The newest fit weighs more the longer it took: a hiccup of the machine among many short ones is no reason to give units back. */
const weightOf = (runtimeSec: number): number => Math.min(0.2, Math.max(0.02, runtimeSec / 5));
/**
 * Less is taken ahead only when it is so much less, and so many times what is wanted may stay: giving back costs more than having it, and what came
 * back begins only when the server knows of it.
 */
const shrinkFactor = 4;

export interface LookaheadOptions {
  readonly slots: number;
  /** Deliveries that are always taken. */
  readonly prefetch: number;
}

/**
 * How much is to be taken ahead of the slots. While fits are short that hides the way to the broker; while they are long
 * a unit that waits behind a fit could run elsewhere, and ages (engine-protocol, section 8).
 */
export interface Lookahead {
  /** A fit took so long, seconds. */
  fitted(runtimeSec: number): void;
  /** A delivery came with so many units. */
  arrived(units: number): void;
  /** Deliveries to take ahead. `oldestSec`: how long the oldest delivery of which nothing has begun has waited. */
  wanted(oldestSec: number): number;
  /** Units that were taken and have not begun may stay in this number when fewer deliveries are wanted. */
  readonly keeps: number;
  /** How many units beyond the slots that comes to, when so many deliveries are taken ahead. */
  units(deliveries: number): number;
}

/** It takes `2 * slots` short fits to begin with it, at first and after each time that something has aged. */
export function createLookahead({ slots, prefetch }: LookaheadOptions): Lookahead {
  const needed = Math.max(4, 2 * slots);
  let fits = 0;
  let meanSec = 0;
  let unitsPerDelivery = 1;
  let current = 0;

  /** Units; 0 unless fits are known to be short. */
  function unitsAhead(): number {
    if (fits < needed || meanSec >= shortFitSec) return 0;
    // Fits that share a slot take as much longer as there are of them.
    const slotSecPerFit = (meanSec * slots) / prefetch;
    return Math.max(slots, Math.min(maxAhead, slots * Math.min(maxAheadOfSlot, Math.floor(aheadSec / slotSecPerFit))));
  }

  function ideal(): number {
    const units = unitsAhead();
    if (units === 0) return 0;
    // What is taken anyway may hold more units than there are places for them.
    const beyond = Math.max(units - prefetch * (unitsPerDelivery - 1), 0);
    return 2 ** Math.ceil(Math.log2(Math.max(slots, beyond / unitsPerDelivery)));
  }

  return {
    fitted(runtimeSec) {
      fits += 1;
      meanSec += (runtimeSec - meanSec) * Math.max(weightOf(runtimeSec), 1 / fits);
    },
    arrived(units) {
      unitsPerDelivery += (units - unitsPerDelivery) * newestWeight;
    },
    wanted(oldestSec) {
      if (oldestSec > agedSec) {
        fits = 0;
        meanSec = 0;
      }
      const deliveries = ideal();
      if (deliveries === 0 || deliveries > current || shrinkFactor * deliveries <= current) current = deliveries;
      return current;
    },
    get keeps() {
      return shrinkFactor * unitsAhead();
    },
    units: (deliveries) => Math.max(0, Math.round((prefetch + deliveries) * unitsPerDelivery) - slots),
  };
}
