import { nestToRing, pixelCount } from "@skyscan/healpix";
import type { ProbabilityMap } from "../regions/probability.ts";

/** A map in RING ordering with all its pixels of one size. */
export interface FlatMap {
  readonly nside: number;
  /** Probability per pixel; they add up to 1. */
  readonly probability: Float64Array;
  /** 2 (llh - lowest llh), of the best part where a pixel holds finer ones; Infinity where nothing was fitted. */
  readonly twoDeltaLlh: Float64Array;
}

/** Unless asked otherwise flat maps are no finer: 3.1 million pixels, 25 MB per column before compression. */
export const defaultFlatNside = 512;

/** A map with its cells cut or put together to one size. @throws HealpixError `nside` */
export function flatMapOf(map: ProbabilityMap, nside: number = Math.min(defaultFlatNside, map.finestNside)): FlatMap {
  const size = pixelCount(nside);
  const probability = new Float64Array(size);
  const twoDeltaLlh = new Float64Array(size).fill(Infinity);
  for (let cell = 0; cell < map.pixel.length; cell++) {
    const value = map.twoDeltaLlh[cell]!;
    const ratio = (nside / map.nside[cell]!) ** 2;
    if (ratio >= 1) {
      const first = map.pixel[cell]! * ratio;
      const share = map.probability[cell]! / ratio;
      for (let child = first; child < first + ratio; child++) {
        const pixel = nestToRing(nside, child);
        probability[pixel] = share;
        twoDeltaLlh[pixel] = value;
      }
    } else {
      const pixel = nestToRing(nside, Math.floor(map.pixel[cell]! * ratio));
      probability[pixel]! += map.probability[cell]!;
      twoDeltaLlh[pixel] = Math.min(twoDeltaLlh[pixel]!, value);
    }
  }
  return { nside, probability, twoDeltaLlh };
}
