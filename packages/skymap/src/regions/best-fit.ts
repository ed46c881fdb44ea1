import { columnEntries, rowOf, type Skymap } from "../result/skymap.ts";
import type { ColumnName } from "../result/columns.ts";
import { decConventionOf, pixelAt, pixelDirection, type DecConvention } from "./direction.ts";

/** The pixel with the lowest llh. */
export interface BestPixel {
  readonly nside: number;
  readonly pixel: number;
  readonly llh: number;
  /** All columns of its row, as far as the result has them. */
  readonly row: Readonly<Partial<Record<ColumnName, number>>>;
}

/** {@link BestPixel} and where it is. */
export interface BestFit extends BestPixel {
  readonly raRad: number;
  readonly decRad: number;
}

/**
 * The pixel with the lowest llh over all nsides; undefined when there is none but NaN. NaN never wins. Of equal values that of the nside that
 * came first, and there the lowest pixel, as skyreader has it.
 */
export function bestPixel(skymap: Skymap): BestPixel | undefined {
  let best: { level: Skymap["levels"][number]; row: number; llh: number } | undefined;
  for (const level of skymap.levels) {
    const { llh } = level.columns;
    for (let row = 0; row < llh.length; row++) {
      const value = llh[row]!;
      if (!Number.isNaN(value) && (best === undefined || value < best.llh)) best = { level, row, llh: value };
    }
  }
  if (best === undefined) return undefined;
  const { level, row, llh } = best;
  const values = Object.fromEntries(columnEntries(level.columns).map(([name, column]) => [name, column[row]!]));
  return { nside: level.nside, pixel: level.columns.index[row]!, llh, row: values };
}

/**
 * {@link bestPixel} with its direction (the pixel's centre).
 * @param decConvention needed for results without metadata
 * @throws SkymapError `convention`
 */
export function bestFit(skymap: Skymap, decConvention?: DecConvention): BestFit | undefined {
  const convention = decConventionOf(skymap, decConvention);
  const best = bestPixel(skymap);
  return best === undefined ? undefined : { ...best, ...pixelDirection(best.nside, best.pixel, convention) };
}

/** The llh of a direction and the pixel it was found in. */
export interface LlhAt {
  readonly llh: number;
  readonly nside: number;
  readonly pixel: number;
}

/**
 * The llh at a right ascension and declination (radian): of the finest nside that has a fit there, failed fits (NaN) passed over; undefined
 * when none has. @throws SkymapError `convention`; HealpixError `direction`
 */
export function llhAt(skymap: Skymap, raRad: number, decRad: number, decConvention?: DecConvention): LlhAt | undefined {
  const convention = decConventionOf(skymap, decConvention);
  for (const level of [...skymap.levels].sort((a, b) => b.nside - a.nside)) {
    const pixel = pixelAt(level.nside, { raRad, decRad }, convention);
    const row = rowOf(level, pixel);
    const llh = row < 0 ? NaN : level.columns.llh[row]!;
    if (!Number.isNaN(llh)) return { llh, nside: level.nside, pixel };
  }
  return undefined;
}
