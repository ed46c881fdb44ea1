import { nestToUniq, uniqToNest } from "@skyscan/healpix";
import { cellArea } from "./sky-cover.ts";
import type { ProbabilityMap } from "./probability.ts";

/** A part of the sky that holds a share of the probability. */
export interface Region {
  readonly containment: 0.5 | 0.9;
  /** Cells of the map, the densest first. */
  readonly cells: readonly number[];
  /** Probability inside: the containment or, as cells are whole, a little more. */
  readonly probability: number;
  readonly areaSqDeg: number;
}

const SQ_DEG = (180 / Math.PI) ** 2;

/**
 * The smallest part of the sky with at least this share of the probability: the densest cells, until it is reached. Of equally dense cells
 * the coarser ones and then those of lower NESTED number come first.
 */
export function regionOf(map: ProbabilityMap, containment: 0.5 | 0.9): Region {
  const density = Float64Array.from(map.probability, (probability, cell) => probability / cellArea(map, cell));
  const cells: number[] = [];
  let probability = 0;
  let area = 0;
  for (const cell of [...density.keys()].sort((a, b) => density[b]! - density[a]! || a - b)) {
    cells.push(cell);
    probability += map.probability[cell]!;
    area += cellArea(map, cell);
    if (probability >= containment) break;
  }
  return { containment, cells, probability, areaSqDeg: area * SQ_DEG };
}

/**
 * The region as a MOC (IVOA MOC 2.0): UNIQ numbers of disjoint pixels, as few as possible, ascending.
 */
export function mocOf(map: ProbabilityMap, region: Region): Float64Array {
  const byNside = new Map<number, Set<number>>();
  const pixelsOf = (nside: number): Set<number> => {
    const pixels = byNside.get(nside) ?? new Set<number>();
    byNside.set(nside, pixels);
    return pixels;
  };
  for (const cell of region.cells) pixelsOf(map.nside[cell]!).add(map.pixel[cell]!);
  // Four pixels that fill their parent are their parent.
  for (let nside = map.finestNside; nside > 1; nside /= 2) {
    const pixels = pixelsOf(nside);
    for (const pixel of [...pixels]) {
      if (pixel % 4 !== 0 || ![1, 2, 3].every((k) => pixels.has(pixel + k))) continue;
      for (let k = 0; k < 4; k++) pixels.delete(pixel + k);
      pixelsOf(nside / 2).add(pixel / 4);
    }
  }
  return Float64Array.from(
    [...byNside].flatMap(([nside, pixels]) => [...pixels].map((pixel) => nestToUniq(nside, pixel))),
  ).sort();
}

/** A MOC in its JSON form (IVOA MOC 2.0, section 4.3.2): NESTED pixels by order. */
export function mocToJson(uniqs: Float64Array): string {
  const byOrder: Record<string, number[]> = {};
  for (const uniq of uniqs) {
    const { nside, pixel } = uniqToNest(uniq);
    (byOrder[String(Math.log2(nside))] ??= []).push(pixel);
  }
  return `${JSON.stringify(byOrder)}\n`;
}
