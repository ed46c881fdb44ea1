/** So many tries in a row at starting the reco, then this host is given up. */
const maxStartStrikes = 3;

/**
 * Counts, over all slots, how often in a row the reco could not be started. Tries that were under way together count as one:
 * many slots that meet the same bad moment are not many tries.
 */
export interface StartStrikes {
  /** Call when a fit is begun; hand what it returns to `failed`. */
  begin(): number;
  /** The reco started: whatever became of the fit. */
  started(): void;
  /** True when the host is to be given up. */
  failed(begun: number): boolean;
}

export function createStartStrikes(max: number = maxStartStrikes): StartStrikes {
  let strikes = 0;
  /** Grows with every counted strike and every success, so that a try knows whether it began before the last of them. */
  let epoch = 0;
  return {
    begin: () => epoch,
    started() {
      if (strikes > 0) epoch += 1;
      strikes = 0;
    },
    failed(begun) {
      if (begun === epoch) {
        epoch += 1;
        strikes += 1;
      }
      return strikes >= max;
    },
  };
}
