/** Running figures of durations; the median from a bounded sample of the latest. */
export interface Durations {
  add(seconds: number): void;
  readonly count: number;
  readonly sumSec: number;
  /** As the manifest shows them; undefined while there is none. */
  summary(): { readonly mean: number; readonly median: number; readonly slowest: number; readonly fastest: number } | undefined;
}

const sampleSize = 2048;

export function createDurations(): Durations {
  const sample = new Float64Array(sampleSize);
  let count = 0;
  let sumSec = 0;
  let slowest = 0;
  let fastest = Infinity;
  return {
    add(seconds) {
      sample[count % sampleSize] = seconds;
      count += 1;
      sumSec += seconds;
      slowest = Math.max(slowest, seconds);
      fastest = Math.min(fastest, seconds);
    },
    get count() {
      return count;
    },
    get sumSec() {
      return sumSec;
    },
    summary() {
      if (count === 0) return undefined;
      const sorted = sample.slice(0, Math.min(count, sampleSize)).sort();
      return { mean: sumSec / count, median: sorted[sorted.length >> 1]!, slowest, fastest };
    },
  };
}

/** Units per second over the last minute, for the time that is left. */
export interface RateWindow {
  add(nowMs: number): void;
  perSec(nowMs: number): number;
}

const windowSec = 60;

export function createRateWindow(): RateWindow {
  const seconds = new Map<number, number>();
  let firstMs: number | undefined;
  return {
    add(nowMs) {
      firstMs ??= nowMs;
      const second = Math.floor(nowMs / 1000);
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
      if (seconds.size > windowSec + 2) for (const old of seconds.keys()) if (old < second - windowSec) seconds.delete(old);
    },
    perSec(nowMs) {
      if (firstMs === undefined) return 0;
      const since = Math.floor(nowMs / 1000) - windowSec;
      let sum = 0;
      for (const [second, count] of seconds) if (second > since) sum += count;
      return sum / Math.max(1, Math.min(windowSec, (nowMs - firstMs) / 1000));
    },
  };
}
