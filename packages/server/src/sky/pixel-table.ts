import type { ColumnValues } from "@skyscan/skymap";

/** Life of a unit at the server (engine-protocol, section 4); `done` and `failed` are final. */
export const unitState = { planned: 0, outstanding: 1, done: 2, failed: 3 } as const;
export type UnitState = (typeof unitState)[keyof typeof unitState];

/** What is kept of a fit, and of the best fit of a pixel. NaN where there is no value. */
export interface FitValues {
  readonly llh: number;
  readonly eIn: number;
  readonly eTot: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly t: number;
}

/** Up to this many pixels the index is one array over the whole sky (4 bytes each); finer skies are only ever refined in parts. */
const denseIndexLimit = 12 * 1024 * 1024;

const columnNames = ["llh", "eIn", "eTot", "x", "y", "z", "t"] as const;
type ColumnName = (typeof columnNames)[number];
const byColumn = <T>(make: (name: ColumnName) => T): Record<ColumnName, T> =>
  Object.fromEntries(columnNames.map((name) => [name, make(name)])) as Record<ColumnName, T>;

/**
 * All that is known of the pixels of one nside: a row per planned pixel, in the order of planning; columns, not objects,
 * so that a whole sky of nside 512 fits (about 75 bytes a pixel).
 */
export interface PixelTable {
  readonly nside: number;
  readonly posvars: number;
  /** Rows there are. */
  readonly rows: number;
  /** Units that are final, and pixels whose units are all final. */
  readonly finalUnits: number;
  readonly finalPixels: number;
  readonly failedUnits: number;
  rowOf(pixel: number): number;
  pixelAt(row: number): number;
  /** Makes room for so many rows in all, at once instead of little by little. */
  reserve(rows: number): void;
  /** Adds pixels that are not there yet; `sources` are the pixels whose best fit seeds them. Returns the first new row. */
  add(pixels: Float64Array, sourceNsides: Uint32Array, sourcePixels: Float64Array): number;
  sourceAt(row: number): { readonly nside: number; readonly pixel: number } | undefined;
  stateOf(row: number, posvar: number): UnitState;
  setState(row: number, posvar: number, state: UnitState): void;
  /** A final outcome: the lowest llh stands, NaN never wins, ties go to the lowest posvar. */
  settle(row: number, posvar: number, values: FitValues | undefined): void;
  /** True when every variation of the pixel is final. */
  complete(row: number): boolean;
  llhAt(row: number): number;
  bestAt(row: number): FitValues;
  /** The pixels that are complete now, ascending. They do not change while others become complete, and take 4 bytes each until let go. */
  completeColumns(): Readonly<Record<"index" | keyof FitValues, ColumnValues>>;
  /** Lowest non-NaN llh among the complete pixels and the lowest pixel that has it. */
  readonly best: { readonly pixel: number; readonly llh: number } | undefined;
}

export function createPixelTable(nside: number, posvars: number): PixelTable {
  const skyPixels = 12 * nside * nside;
  const dense = skyPixels <= denseIndexLimit ? new Int32Array(skyPixels) : undefined;
  const sparse = new Map<number, number>();
  let rows = 0;
  let capacity = 0;
  // Pixels of a dense index fit in 32 bits.
  let pixels: Uint32Array | Float64Array = dense === undefined ? new Float64Array(0) : new Uint32Array(0);
  const columns = byColumn(() => new Float64Array(0));
  const Counts = posvars < 256 ? Uint8Array : Uint16Array;
  let bestPosvar = new Counts(0);
  let finals = new Counts(0);
  let states = new Uint8Array(0);
  let sourceNside = new Uint32Array(0);
  let sourcePixel: Float64Array = new Float64Array(0);
  let finalUnits = 0;
  let finalPixels = 0;
  let failedUnits = 0;
  let best: { pixel: number; llh: number } | undefined;

  // Rows are stored plus one, so that a fresh index means "not there".
  const rowOf = (pixel: number): number => (dense === undefined ? (sparse.get(pixel) ?? 0) : (dense[pixel] ?? 0)) - 1;

  /** Doubles, up to the whole sky, so that adding in parts costs no more than adding at once. */
  function reserve(total: number): void {
    if (total <= capacity) return;
    capacity = Math.min(skyPixels, Math.max(total, 2 * capacity));
    pixels = grown(pixels, capacity);
    for (const name of columnNames) columns[name] = grown(columns[name], capacity);
    bestPosvar = grown(bestPosvar, capacity);
    finals = grown(finals, capacity);
    states = grown(states, capacity * posvars);
    sourceNside = grown(sourceNside, capacity);
    sourcePixel = grown(sourcePixel, capacity);
  }

  function add(newPixels: Float64Array, sourceNsides: Uint32Array, sourcePixels: Float64Array): number {
    const firstRow = rows;
    const total = rows + newPixels.length;
    reserve(total);
    pixels.set(newPixels, firstRow);
    // Memory that is never written to is never taken: a whole sky has no sources.
    if (sourceNsides.some((source) => source !== 0)) {
      sourceNside.set(sourceNsides, firstRow);
      sourcePixel.set(sourcePixels, firstRow);
    }
    for (const name of columnNames) columns[name].fill(NaN, firstRow, total);
    for (let row = firstRow; row < total; row += 1) {
      const pixel = pixels[row]!;
      if (dense === undefined) sparse.set(pixel, row + 1);
      else dense[pixel] = row + 1;
    }
    rows = total;
    return firstRow;
  }

  function settle(row: number, posvar: number, values: FitValues | undefined): void {
    states[row * posvars + posvar] = values === undefined ? unitState.failed : unitState.done;
    finalUnits += 1;
    if (values === undefined) failedUnits += 1;
    finals[row] = finals[row]! + 1;
    if (values !== undefined && !Number.isNaN(values.llh)) {
      const stands = columns.llh[row]!;
      const wins = Number.isNaN(stands) || values.llh < stands || (values.llh === stands && posvar < bestPosvar[row]!);
      if (wins) {
        for (const name of columnNames) columns[name][row] = values[name];
        bestPosvar[row] = posvar;
      }
    }
    if (finals[row] !== posvars) return;
    finalPixels += 1;
    const llh = columns.llh[row]!;
    const pixel = pixels[row]!;
    if (Number.isNaN(llh)) return;
    if (best === undefined || llh < best.llh || (llh === best.llh && pixel < best.pixel)) best = { pixel, llh };
  }

  function completeColumns(): ReturnType<PixelTable["completeColumns"]> {
    const chosen = completeRows();
    // The arrays of now: a table that grows copies them, and the rows of complete pixels never change.
    const choose = (values: Uint32Array | Float64Array): ColumnValues => ({
      length: chosen.length,
      at: (position) => values[chosen[position]!],
    });
    return { index: choose(pixels), ...byColumn((name) => choose(columns[name])) };
  }

  function completeRows(): Uint32Array {
    const chosen = new Uint32Array(finalPixels);
    let count = 0;
    let ascending = true;
    for (let row = 0; row < rows; row += 1) {
      if (finals[row] !== posvars) continue;
      if (count > 0 && pixels[chosen[count - 1]!]! > pixels[row]!) ascending = false;
      chosen[count] = row;
      count += 1;
    }
    return ascending ? chosen : chosen.sort((a, b) => pixels[a]! - pixels[b]!);
  }

  return {
    nside,
    posvars,
    completeColumns,
    reserve,
    get rows() {
      return rows;
    },
    get finalUnits() {
      return finalUnits;
    },
    get finalPixels() {
      return finalPixels;
    },
    get failedUnits() {
      return failedUnits;
    },
    get best() {
      return best;
    },
    rowOf,
    pixelAt: (row) => pixels[row]!,
    add,
    sourceAt: (row) => (sourceNside[row] === 0 ? undefined : { nside: sourceNside[row]!, pixel: sourcePixel[row]! }),
    stateOf: (row, posvar) => states[row * posvars + posvar] as UnitState,
    setState: (row, posvar, state) => void (states[row * posvars + posvar] = state),
    settle,
    complete: (row) => finals[row] === posvars,
    llhAt: (row) => columns.llh[row]!,
    bestAt: (row) => Object.fromEntries(columnNames.map((name) => [name, columns[name][row]!])) as unknown as FitValues,
  };
}

interface TypedArray<T> {
  readonly length: number;
  set(values: T): void;
}

function grown<T extends TypedArray<T>>(values: T, length: number): T {
  if (values.length === length) return values;
  const larger = new (values.constructor as new (length: number) => T)(length);
  larger.set(values);
  return larger;
}
