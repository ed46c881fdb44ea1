import { pixelArea, pixelCount, ringParent } from "@skyscan/healpix";
import type { Skymap, SkymapLevel } from "../result/skymap.ts";

/** The pixels of one nside as they are drawn. */
export interface Cells {
  readonly nside: number;
  /** RING pixels. */
  readonly pixels: readonly number[];
  /** 2 delta llh above the best fit; NaN: every fit failed. */
  readonly values: readonly number[];
  /** The result's nside that these were merged from; the same as `nside` when they were not. */
  readonly fromNside: number;
}

/** How many pixels of one nside are drawn one by one: all of the sky at nside 64. */
export const cellLimit = 49_152;

/**
 * What is drawn of a result, coarse first, so that finer pixels cover coarser ones. An nside with more pixels in view than
 * {@link cellLimit} is merged into the finest one that has not: each pixel then has the lowest llh of those in it, so that no minimum
 * is lost, and is NaN when they all are.
 */
export function cellsOf(
  skymap: Skymap,
  bestLlh: number,
  inView: (nside: number, pixel: number) => boolean = () => true,
): Cells[] {
  return [...skymap.levels].sort((a, b) => a.nside - b.nside).map((level) => merged(visible(level, bestLlh, inView)));
}

function visible(level: SkymapLevel, bestLlh: number, inView: (nside: number, pixel: number) => boolean): Cells {
  const { index, llh } = level.columns;
  const pixels: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < index.length; row++) {
    if (!inView(level.nside, index[row]!)) continue;
    pixels.push(index[row]!);
    values.push(Number.isNaN(llh[row]!) ? NaN : llh[row] === bestLlh ? 0 : 2 * (llh[row]! - bestLlh));
  }
  return { nside: level.nside, pixels, values, fromNside: level.nside };
}

function merged(cells: Cells): Cells {
  let current = cells;
  while (current.pixels.length > cellLimit) {
    const nside = current.nside / 2;
    const lowest = new Map<number, number>();
    for (const [k, pixel] of current.pixels.entries()) {
      const parent = ringParent(current.nside, pixel, nside);
      const value = current.values[k]!;
      const sofar = lowest.get(parent) ?? NaN;
      lowest.set(parent, Number.isNaN(sofar) || value < sofar ? value : sofar);
    }
    const pixels = [...lowest.keys()].sort((a, b) => a - b);
    current = { nside, pixels, values: pixels.map((pixel) => lowest.get(pixel)!), fromNside: cells.fromNside };
  }
  return current;
}

/** Whether one of the nsides has all of its pixels. */
export function coversSky(skymap: Skymap): boolean {
  return skymap.levels.some(({ nside, columns }) => columns.index.length === pixelCount(nside));
}

/** About how wide a pixel is, in radian. */
export function pixelWidthRad(nside: number): number {
  return Math.sqrt(pixelArea(nside));
}
