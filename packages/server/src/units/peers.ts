/** What fits of one nside take, as seen since this server's start. */
export interface PeerTimes {
  /** Fits that it is made of. */
  readonly fits: number;
  /** Of all of them, seconds: fast hosts answer more often, as they would take a copy more often. */
  readonly medianSec: number;
  /** Standard deviation of ln(runtime) that the speeds of the hosts do not explain; from the median absolute deviation. */
  readonly spread: number;
}

/** How long fits take, by nside, and how slow each worker is beside the others. Bounded by nsides and workers; O(1) per fit. */
export interface Peers {
  add(nside: number, worker: string, runtimeSec: number): void;
  of(nside: number): PeerTimes | undefined;
  /** How many times as long as its peers a worker takes for a fit; 1 for one of which nothing is known. */
  pace(worker: string): number;
}

const sampleSize = 512;
/** Identical runtimes are no promise of the next one's. */
const leastSpread = 0.1;
/** Median absolute deviation to standard deviation, for a normal distribution. */
const deviationOfMad = 1.4826;
const leastRuntimeSec = 1e-6;

interface Sample {
  /** ln(runtime), and what of it neither the median nor the worker's pace explained then. */
  readonly logs: Float64Array;
  readonly rests: Float64Array;
  fits: number;
  /** Of the sample when it had so many fits. */
  summedAt: number;
  median: number;
  spread: number;
}

export function createPeers(): Peers {
  const samples = new Map<number, Sample>();
  const workers = new Map<string, { sum: number; fits: number }>();

  const logPace = (worker: string): number => {
    const known = workers.get(worker);
    // One fit more in the denominator: a single slow one does not make a slow worker.
    return known === undefined ? 0 : known.sum / (known.fits + 1);
  };

  return {
    add(nside, worker, runtimeSec) {
      const log = Math.log(Math.max(leastRuntimeSec, runtimeSec));
      const sample = samples.get(nside) ?? emptySample(log);
      samples.set(nside, sample);
      sample.logs[sample.fits % sampleSize] = log;
      sample.rests[sample.fits % sampleSize] = log - sample.median - logPace(worker);
      sample.fits += 1;
      if (sample.fits - sample.summedAt > Math.min(sample.summedAt, sampleSize) / 4) sumUp(sample);
      const own = workers.get(worker) ?? { sum: 0, fits: 0 };
      workers.set(worker, own);
      own.sum += log - sample.median;
      own.fits += 1;
    },
    of(nside) {
      const sample = samples.get(nside);
      if (sample === undefined) return undefined;
      if (sample.summedAt < sample.fits) sumUp(sample);
      return { fits: sample.fits, medianSec: Math.exp(sample.median), spread: sample.spread };
    },
    pace: (worker) => Math.exp(logPace(worker)),
  };
}

const emptySample = (log: number): Sample => ({
  logs: new Float64Array(sampleSize),
  rests: new Float64Array(sampleSize),
  fits: 0,
  summedAt: 0,
  median: log,
  spread: leastSpread,
});

function sumUp(sample: Sample): void {
  const kept = Math.min(sample.fits, sampleSize);
  sample.median = medianOf(sample.logs.slice(0, kept));
  const rests = sample.rests.slice(0, kept);
  const middle = medianOf(rests);
  sample.spread = Math.max(leastSpread, deviationOfMad * medianOf(rests.map((rest) => Math.abs(rest - middle))));
  sample.summedAt = sample.fits;
}

function medianOf(values: Float64Array): number {
  values.sort();
  return values[values.length >> 1]!;
}
