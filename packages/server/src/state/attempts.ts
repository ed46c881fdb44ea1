/** What the policy needs to know of a unit's failures. */
export interface FailureCount {
  readonly failures: number;
  readonly distinctHosts: number;
}

/**
 * Whether a unit is given up: after `maxAttempts` failures, on distinct hosts as far as there are that many,
 * at most twice that in all (engine-protocol, section 4). 0 = for ever, as v3.
 */
export function isGivenUp(count: FailureCount, maxAttempts: number, aliveHosts: number): boolean {
  if (maxAttempts === 0) return false;
  if (count.failures >= 2 * maxAttempts) return true;
  return count.failures >= maxAttempts && count.distinctHosts >= Math.min(maxAttempts, Math.max(1, aliveHosts));
}

/** A unit over which so many workers were lost is fitted alone from then on: what ran beside it is not to blame. */
const lostWorkersToIsolate = 2;

/** What the policy needs to know of a unit's losses. */
export interface LossCount {
  readonly deadArrivals: number;
  readonly lostWorkers: ReadonlySet<string>;
}

export const mustRunAlone = (count: LossCount): boolean =>
  count.deadArrivals > 0 || count.lostWorkers.size >= lostWorkersToIsolate;

/** The arrival at `dead` that makes a unit NaN, and the number of lost workers that does. */
export const deadArrivalsToKill = 5;
export const lostWorkersToKill = 5;
