/** Time as the engine sees it: the machine's, or that of a simulated cluster. */
export interface Clock {
  nowMs(): number;
  /** Calls again and again; returns what ends that. */
  every(periodMs: number, act: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: Date.now,
  every(periodMs, act) {
    const timer = setInterval(act, periodMs);
    return () => clearInterval(timer);
  },
};
