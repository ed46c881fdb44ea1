export interface BackoffOptions {
  /** First wait, milliseconds. */
  readonly firstMs: number;
  /** No wait is longer than this, milliseconds. */
  readonly maxMs: number;
  /** Each wait is this many times the one before. Default 2. */
  readonly factor?: number;
  /** Waits are drawn from [1 - jitter, 1] of the nominal one, so that many clients do not come back at once. Default 0.5; 0 = none. */
  readonly jitter?: number;
  readonly random?: () => number;
}

/** Growing, bounded, jittered waits. `next()` gives the next one in milliseconds, `reset()` starts over after a success. */
export interface Backoff {
  next(): number;
  reset(): void;
}

export function createBackoff(options: BackoffOptions): Backoff {
  const { firstMs, maxMs, factor = 2, jitter = 0.5, random = Math.random } = options;
  let nominalMs = firstMs;
  return {
    next() {
      const waitMs = Math.min(nominalMs, maxMs) * (1 - jitter * random());
      nominalMs = Math.min(nominalMs * factor, maxMs);
      return waitMs;
    },
    reset() {
      nominalMs = firstMs;
    },
  };
}
