import { angToNest, nsideToOrder, nestToUniq, pixelArea, ringToAng, ringToNest } from "@skyscan/healpix";
import { decConventionOf, type DecConvention } from "./direction.ts";
import { SkymapError } from "../result/errors.ts";
import type { Skymap } from "../result/skymap.ts";

/**
 * The whole sky in disjoint pixels of several sizes, each with the finest value that there is. Plain data of typed arrays, one element per
 * pixel, ascending in UNIQ (coarse pixels first, then by NESTED number). In the frame of the sky: dec = pi/2 - theta, whatever the result had.
 */
export interface SkyCover {
  readonly nside: Float64Array;
  /** NESTED number. */
  readonly pixel: Float64Array;
  /** 2 (llh - lowest llh); Infinity where nothing was fitted or all fits failed. */
  readonly twoDeltaLlh: Float64Array;
  /** The finest nside of the result. */
  readonly finestNside: number;
}

/** Fitted pixels of one nside, ascending in NESTED number. */
interface NestedLevel {
  readonly order: number;
  readonly pixels: Float64Array;
  readonly llh: Float64Array;
}

/** First position in ascending `values` that is not below `value`. */
function lowerBound(values: Float64Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nestedLevels(skymap: Skymap, convention: DecConvention): NestedLevel[] {
  return skymap.levels
    .map(({ nside, columns: { index, llh } }): NestedLevel => {
      const pixels: [nest: number, llh: number][] = [];
      for (let row = 0; row < index.length; row++) {
        if (!Number.isFinite(llh[row]!)) continue;
        pixels.push([nestOf(nside, index[row]!, convention), llh[row]!]);
      }
      pixels.sort((a, b) => a[0] - b[0]);
      return {
        order: nsideToOrder(nside),
        pixels: Float64Array.from(pixels, (pixel) => pixel[0]),
        llh: Float64Array.from(pixels, (pixel) => pixel[1]),
      };
    })
    .sort((a, b) => a.order - b.order);
}

/** NESTED pixel of the sky for a RING pixel of the result: mirrored results are set right, pixel centre to pixel centre. */
function nestOf(nside: number, ringPixel: number, convention: DecConvention): number {
  if (convention === "new") return ringToNest(nside, ringPixel);
  const { thetaRad, phiRad } = ringToAng(nside, ringPixel);
  return angToNest(nside, Math.PI - thetaRad, phiRad);
}

/**
 * The sky of a result: finer pixels replace their part of coarser ones, the rest of a partly replaced pixel is split into as few pixels as
 * possible and keeps its value; a pixel whose fits all failed has the value of the finest coarser one that was fitted there.
 * @throws SkymapError `convention`; `empty` when no pixel has a number
 */
export function coverOf(skymap: Skymap, decConvention?: DecConvention): SkyCover {
  const levels = nestedLevels(skymap, decConventionOf(skymap, decConvention));
  const finest = levels.findLast((level) => level.pixels.length > 0);
  if (finest === undefined) throw new SkymapError("empty", "no pixel of the result has a fit: there is no map to make of it");
  const lowest = levels.reduce((least, level) => level.llh.reduce((a, b) => Math.min(a, b), least), Infinity);
  const found: { uniq: number; nside: number; pixel: number; value: number }[] = [];

  const visit = (order: number, pixel: number, inherited: number, relevant: readonly NestedLevel[]): void => {
    let value = inherited;
    const finer: NestedLevel[] = [];
    for (const level of relevant) {
      const size = 4 ** (level.order - order);
      const from = lowerBound(level.pixels, pixel * size);
      if (from >= level.pixels.length || level.pixels[from]! >= (pixel + 1) * size) continue;
      if (level.order === order) value = level.llh[from]!;
      else finer.push(level);
    }
    if (finer.length === 0) {
      const nside = 2 ** order;
      found.push({ uniq: nestToUniq(nside, pixel), nside, pixel, value });
      return;
    }
    for (let child = 0; child < 4; child++) visit(order + 1, 4 * pixel + child, value, finer);
  };
  for (let face = 0; face < 12; face++) visit(0, face, Infinity, levels);

  found.sort((a, b) => a.uniq - b.uniq);
  return {
    nside: Float64Array.from(found, (cell) => cell.nside),
    pixel: Float64Array.from(found, (cell) => cell.pixel),
    twoDeltaLlh: Float64Array.from(found, (cell) => 2 * (cell.value - lowest)),
    finestNside: 2 ** finest.order,
  };
}

/** Solid angle of a cell of a cover in steradian. */
export function cellArea(cover: Pick<SkyCover, "nside">, cell: number): number {
  return pixelArea(cover.nside[cell]!);
}
