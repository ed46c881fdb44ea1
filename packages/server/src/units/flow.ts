import { batchSize } from "./batch-size.ts";
import type { Figures } from "./figures.ts";
import type { ScanState } from "../state/scan-state.ts";
import { windowSize } from "./window.ts";
import type { Workers } from "../workers/workers.ts";

export interface FlowOptions {
  readonly state: ScanState;
  readonly workers: Workers;
  readonly figures: Figures;
  readonly windowMin: number;
  readonly batchSec: number;
  /** Fits that are in one process of the reco at the same time: together they keep a slot busy. */
  readonly inFlight: number;
}

/** How much goes out at once, from what is known of the workers and of the fits so far. */
export interface Flow {
  /** When workers come, change or go, and once a second: not for every unit. */
  lookAround(): void;
  readonly window: () => number;
  readonly batchSize: (nside: number, waiting: number) => number;
}

export function createFlow({ state, workers, figures, windowMin, batchSec, inFlight }: FlowOptions): Flow {
  let slots = 0;
  let lookahead = 0;
  let perSec = 0;

  const window = (): number => windowSize({ min: windowMin, slots, lookahead, perSec, proven: state.resultUnits > 0 });

  return {
    lookAround() {
      ({ slots, lookahead } = workers.tally);
      perSec = figures.perSec();
    },
    window,
    batchSize(nside, waiting) {
      const fits = figures.workerTime.get(nside);
      const slotSecPerFit = fits === undefined ? 0 : fits.sumSec / fits.count / inFlight;
      return batchSize({ targetSec: batchSec, fits: fits?.count ?? 0, slotSecPerFit, waiting, slots, window: window() });
    },
  };
}
