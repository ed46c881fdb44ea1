import { colourCount } from "./colours.ts";

/** From 2 delta llh to colour. The colours go with its square root, so that small differences near the best fit are seen beside large ones. */
export interface ColourScale {
  /** 2 delta llh of the last colour. */
  readonly max: number;
  /** Whether there are larger values, which have the last colour too. */
  readonly clipped: boolean;
  /** Place in [0, 1] of a value. */
  fractionOf(value: number): number;
  /** Number of the colour of a value, in [0, colourCount). */
  colourIndexOf(value: number): number;
  /** Round values for labels, ascending. */
  readonly ticks: readonly number[];
}

/**
 * Scale for values; NaN is passed over. It ends at the largest that is not an outlier (99 %), or at `cap` when that is smaller.
 */
export function colourScale(values: Iterable<number>, cap: number = Infinity): ColourScale {
  const sorted = Float64Array.from([...values].filter(Number.isFinite)).sort();
  const largest = sorted.at(-1) ?? 1;
  const usual = sorted[Math.ceil(0.99 * (sorted.length - 1))] ?? 1;
  const wanted = Math.min(cap, usual);
  const max = wanted > 0 ? wanted : largest > 0 ? Math.min(cap, largest) : 1;
  const fractionOf = (value: number): number => Math.sqrt(Math.min(1, Math.max(0, value / max)));
  return {
    max,
    clipped: largest > max,
    fractionOf,
    colourIndexOf: (value) => Math.min(colourCount - 1, Math.floor(fractionOf(value) * colourCount)),
    ticks: ticksUpTo(max, fractionOf),
  };
}

/** 0, and 1, 2 or 5 times powers of ten that are at least 9 % of the scale apart. */
function ticksUpTo(max: number, fractionOf: (value: number) => number): number[] {
  const ticks = [0];
  for (let decade = 10 ** Math.floor(Math.log10(max) - 3); decade <= max; decade *= 10) {
    for (const factor of [1, 2, 5]) {
      const value = Number((factor * decade).toPrecision(2));
      const place = fractionOf(value);
      if (value <= max && place - fractionOf(ticks.at(-1)!) >= 0.09) ticks.push(value);
    }
  }
  return ticks;
}
