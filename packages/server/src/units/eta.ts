/** What is left of an nside. */
export interface NsideRest {
  readonly nside: number;
  readonly units: number;
  /** How long a fit of it keeps a slot, with what the slot waits for work and for the broker. */
  readonly slotSecPerUnit: number;
}

/** How long the rest takes, from what fits of each nside took lately and how busy the slots are. */
export interface Eta {
  /** A fit succeeded. */
  fitted(nside: number, runtimeSec: number, nowMs: number): void;
  /** So many slots are there: call about once a second. */
  tick(slots: number, nowMs: number): void;
  /**
   * `remaining`: units that are not final, by nside, coarse to fine. Undefined while nothing has been fitted, or nobody is there to fit.
   * An nside that has not begun is taken to be like the one before it.
   */
  secondsLeft(remaining: readonly Pick<NsideRest, "nside" | "units">[], slots: number): number | undefined;
  /** What that is made of. Empty while nothing has been fitted. */
  rest(remaining: readonly Pick<NsideRest, "nside" | "units">[], slots: number): readonly NsideRest[];
}

/** Fits of an nside whose mean counts: the latest. */
const fitsPerNside = 256;
/** Slots' time in use is looked at over this stretch, seconds; it means something once it holds a few fits. */
const windowSec = 60;
const fitsPerSlotToMean = 3;

interface Latest {
  readonly runtimes: Float64Array;
  count: number;
  sumSec: number;
}

interface Stretch {
  workSec: number;
  slotSec: number;
}

export function createEta(): Eta {
  const byNside = new Map<number, Latest>();
  const stretches = new Map<number, Stretch>();
  let lastTickMs: number | undefined;

  function stretchAt(nowMs: number): Stretch {
    const second = Math.floor(nowMs / 1000);
    const known = stretches.get(second);
    if (known !== undefined) return known;
    const fresh = { workSec: 0, slotSec: 0 };
    stretches.set(second, fresh);
    for (const old of stretches.keys()) if (old <= second - windowSec) stretches.delete(old);
    return fresh;
  }

  const meanSec = (nside: number): number | undefined => {
    const latest = byNside.get(nside);
    return latest === undefined ? undefined : latest.sumSec / Math.min(latest.count, fitsPerNside);
  };

  /** The part of the slots' time that went into fits; the rest is waiting for work and for the broker. */
  function inUse(slots: number, typicalSec: number): number {
    let workSec = 0;
    let slotSec = 0;
    for (const stretch of stretches.values()) {
      workSec += stretch.workSec;
      slotSec += stretch.slotSec;
    }
    if (workSec === 0 || slotSec < fitsPerSlotToMean * slots * typicalSec) return 1;
    return Math.min(1, workSec / slotSec);
  }

  function rest(remaining: readonly Pick<NsideRest, "nside" | "units">[], slots: number): readonly NsideRest[] {
    const coarsest = [...byNside.keys()].sort((a, b) => a - b)[0];
    if (coarsest === undefined) return [];
    let like = meanSec(coarsest)!;
    return remaining.map(({ nside, units }) => {
      like = meanSec(nside) ?? like;
      return { nside, units, slotSecPerUnit: like / inUse(slots, like) };
    });
  }

  return {
    fitted(nside, runtimeSec, nowMs) {
      const latest = byNside.get(nside) ?? { runtimes: new Float64Array(fitsPerNside), count: 0, sumSec: 0 };
      byNside.set(nside, latest);
      const at = latest.count % fitsPerNside;
      latest.sumSec += runtimeSec - latest.runtimes[at]!;
      latest.runtimes[at] = runtimeSec;
      latest.count += 1;
      stretchAt(nowMs).workSec += runtimeSec;
    },
    tick(slots, nowMs) {
      if (lastTickMs !== undefined) stretchAt(nowMs).slotSec += (slots * Math.max(0, nowMs - lastTickMs)) / 1000;
      lastTickMs = nowMs;
    },
    secondsLeft(remaining, slots) {
      if (slots === 0 || byNside.size === 0) return undefined;
      // The last fits of an nside take as long as one fit, however many slots there are.
      return rest(remaining, slots).reduce(
        (sumSec, { units, slotSecPerUnit }) => sumSec + (units > 0 ? Math.max(1, units / slots) * slotSecPerUnit : 0),
        0,
      );
    },
    rest,
  };
}
