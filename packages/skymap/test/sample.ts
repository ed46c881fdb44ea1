import {
  createSkymap,
  type ColumnName,
  type LevelColumns,
  type LevelInput,
  type LevelMetadata,
  type Skymap,
} from "../src/index.ts";

export const metadata: LevelMetadata = {
  complete: true,
  runId: 136662,
  eventId: 35405932,
  eventType: "neutrino",
  mjd: 59723.32051140454,
  isRealEvent: true,
  version: 1,
};

/** Columns of format 1 with these llhs for these pixels; the other columns are numbers made from the pixel. */
export function columnsFor(pixels: readonly number[], llh: readonly number[] = pixels.map((p) => 1000 + p)): LevelColumns {
  const made = (factor: number): Float64Array => Float64Array.from(pixels, (p) => factor * (p + 1) + 0.5);
  return {
    index: Float64Array.from(pixels),
    llh: Float64Array.from(llh),
    E_in: made(10),
    E_tot: made(20),
    X: made(-1),
    Y: made(2),
    Z: made(-3),
    T: made(100),
  };
}

export function level(
  nside: number,
  pixels: readonly number[],
  llh?: readonly number[],
  extra: Partial<LevelMetadata> = {},
): LevelInput {
  return { nside, metadata: { ...metadata, ...extra }, columns: columnsFor(pixels, llh) };
}

/** The whole sky at nside 1 and some pixels at 2, the best at nside 2, pixel 7. */
export function sample(): Skymap {
  return createSkymap([
    level(1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    level(2, [4, 5, 6, 7, 8], [990, NaN, 985, 980, 981], { complete: false }),
  ]);
}

/** The same result with one value replaced. */
export function withValue(skymap: Skymap, nside: number, column: ColumnName, row: number, value: number): Skymap {
  return createSkymap(
    skymap.levels.map((l) => {
      if (l.nside !== nside) return l;
      const values = Float64Array.from(l.columns[column]!);
      values[row] = value;
      return { ...l, columns: { ...l.columns, [column]: values } };
    }),
  );
}
