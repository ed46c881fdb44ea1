import { columnTable, type Column, type ColumnName } from "./columns.ts";
import { levelOf, type Skymap, type SkymapLevel } from "./skymap.ts";

/** Added to every tolerance, as numpy's `isclose` does. */
export const absoluteTolerance = 1e-8;

/** Settings of {@link compareSkymaps}. */
export interface CompareOptions {
  /** Relative tolerances that replace those of the column table, relative to the second result. */
  readonly relativeTolerances?: Readonly<Partial<Record<ColumnName, number>>>;
  /** Whether NaN is the same as NaN; default true. */
  readonly equalNan?: boolean;
  /** Whether results of which only one has vertex and time are compared in the columns they share; default false: it is a difference. */
  readonly allowDifferentColumns?: boolean;
}

/** How one column of one nside differs. */
export interface FieldComparison {
  readonly field: ColumnName;
  /** Pixels beyond the tolerance. */
  readonly differing: number;
  /** Largest |a - b| over the pixels where both are numbers; 0 when there is none. */
  readonly maxAbsolute: number;
  /** Largest |a - b| / |b| over the pixels where both are numbers; Infinity when b is 0 and a is not. */
  readonly maxRelative: number;
  /** First pixel beyond the tolerance. */
  readonly firstPixel: number | undefined;
}

/** How one nside differs. */
export interface NsideComparison {
  readonly nside: number;
  /** Pixels that both have. */
  readonly shared: number;
  readonly onlyInFirst: readonly number[];
  readonly onlyInSecond: readonly number[];
  readonly fields: readonly FieldComparison[];
  readonly close: boolean;
}

/** What {@link compareSkymaps} found. */
export interface SkymapComparison {
  /** Within the tolerances, with the same nsides, pixels and (unless allowed) columns. */
  readonly close: boolean;
  /** The same numbers throughout (NaN the same as NaN unless `equalNan` is false). */
  readonly equal: boolean;
  /** Nsides that both have, finest first. */
  readonly nsides: readonly NsideComparison[];
  readonly nsidesOnlyInFirst: readonly number[];
  readonly nsidesOnlyInSecond: readonly number[];
  /** Columns that only one of the results has. */
  readonly columnsOnlyInOne: readonly ColumnName[];
}

/** One value against another. */
interface CellComparison {
  readonly close: boolean;
  readonly equal: boolean;
}

/** The rules for one column. */
function comparerOf(column: Column, options: CompareOptions): (a: number, b: number) => CellComparison {
  const equalNan = options.equalNan ?? true;
  const relative = options.relativeTolerances?.[column.name] ?? column.relativeTolerance;
  return (a, b) => {
    const equal = a === b || (equalNan && Number.isNaN(a) && Number.isNaN(b));
    if (equal) return { close: true, equal };
    if (relative === undefined) return { close: false, equal };
    const notFitted = column.zeroMatchesAll && (a === 0 || b === 0);
    const within = Number.isFinite(b) && Math.abs(a - b) <= absoluteTolerance + relative * Math.abs(b);
    return { close: notFitted || within, equal };
  };
}

/** Rows of two levels that hold the same pixel; -1 where one has none. */
function* pairRows(a: SkymapLevel, b: SkymapLevel): Generator<[pixel: number, rowA: number, rowB: number]> {
  const pixelsA = a.columns.index;
  const pixelsB = b.columns.index;
  let rowA = 0;
  let rowB = 0;
  while (rowA < pixelsA.length || rowB < pixelsB.length) {
    const pixelA = pixelsA[rowA] ?? Infinity;
    const pixelB = pixelsB[rowB] ?? Infinity;
    if (pixelA < pixelB) yield [pixelA, rowA++, -1];
    else if (pixelB < pixelA) yield [pixelB, -1, rowB++];
    else yield [pixelA, rowA++, rowB++];
  }
}

function sharedColumns(a: SkymapLevel, b: SkymapLevel): Column[] {
  return columnTable.filter(({ name }) => a.columns[name] !== undefined && b.columns[name] !== undefined);
}

function compareLevels(a: SkymapLevel, b: SkymapLevel, options: CompareOptions): NsideComparison & { readonly equal: boolean } {
  const onlyInFirst: number[] = [];
  const onlyInSecond: number[] = [];
  const pairs: [number, number, number][] = [];
  for (const pair of pairRows(a, b)) {
    if (pair[2] < 0) onlyInFirst.push(pair[0]);
    else if (pair[1] < 0) onlyInSecond.push(pair[0]);
    else pairs.push(pair);
  }
  let equal = onlyInFirst.length === 0 && onlyInSecond.length === 0;
  const fields = sharedColumns(a, b).map((column): FieldComparison => {
    const compare = comparerOf(column, options);
    const valuesA = a.columns[column.name]!;
    const valuesB = b.columns[column.name]!;
    let differing = 0;
    let maxAbsolute = 0;
    let maxRelative = 0;
    let firstPixel: number | undefined;
    for (const [pixel, rowA, rowB] of pairs) {
      const x = valuesA[rowA]!;
      const y = valuesB[rowB]!;
      const cell = compare(x, y);
      equal &&= cell.equal;
      if (!cell.close) {
        differing++;
        firstPixel ??= pixel;
      }
      const difference = x === y ? 0 : Math.abs(x - y);
      if (Number.isNaN(difference) || difference === 0) continue;
      maxAbsolute = Math.max(maxAbsolute, difference);
      maxRelative = Math.max(maxRelative, difference / Math.abs(y));
    }
    return { field: column.name, differing, maxAbsolute, maxRelative, firstPixel };
  });
  const close = onlyInFirst.length === 0 && onlyInSecond.length === 0 && fields.every((field) => field.differing === 0);
  return { nside: a.nside, shared: pairs.length, onlyInFirst, onlyInSecond, fields, close, equal };
}

/**
 * Compares two results pixel by pixel. A value is close when |a - b| <= 1e-8 + rtol |b|, with the column's relative tolerance; columns
 * without one must be equal. An energy of 0 on either side is close to anything. Pixels and nsides that only one has are differences, and
 * never shift others. Metadata is not compared.
 */
export function compareSkymaps(first: Skymap, second: Skymap, options: CompareOptions = {}): SkymapComparison {
  const shared = first.levels.flatMap((level): [SkymapLevel, SkymapLevel][] => {
    const other = levelOf(second, level.nside);
    return other === undefined ? [] : [[level, other]];
  });
  const levels = shared.map(([a, b]) => compareLevels(a, b, options)).sort((a, b) => b.nside - a.nside);
  const onlyIn = (one: Skymap, other: Skymap): number[] =>
    one.levels.map((level) => level.nside).filter((nside) => levelOf(other, nside) === undefined);
  const nsidesOnlyInFirst = onlyIn(first, second);
  const nsidesOnlyInSecond = onlyIn(second, first);
  const columnsOnlyInOne = differentColumns(first, second);
  const sameShape = nsidesOnlyInFirst.length === 0 && nsidesOnlyInSecond.length === 0;
  return {
    close:
      sameShape &&
      levels.every((level) => level.close) &&
      (columnsOnlyInOne.length === 0 || options.allowDifferentColumns === true),
    equal: sameShape && levels.every((level) => level.equal) && columnsOnlyInOne.length === 0,
    nsides: levels.map(({ equal: _, ...level }) => level),
    nsidesOnlyInFirst,
    nsidesOnlyInSecond,
    columnsOnlyInOne,
  };
}

function differentColumns(first: Skymap, second: Skymap): ColumnName[] {
  const a = first.levels[0];
  const b = second.levels[0];
  if (a === undefined || b === undefined) return [];
  return columnTable.flatMap(({ name }) => ((a.columns[name] === undefined) === (b.columns[name] === undefined) ? [] : name));
}

/**
 * Every pixel of both results side by side, as JSON (indent 3): per nside, finest first, `[row a, row b, differences, within tolerance]`.
 * Rows of pixels, and of nsides, that only one has are null. A difference is (|a - b| - 1e-8) / |b|, or a - b for columns that must be
 * equal; null where it is no number. NaN in rows is the text `<skyreader.nan>`.
 */
export function diffToJson(first: Skymap, second: Skymap, options: CompareOptions = {}): string {
  const nsides = [...new Set([...first.levels, ...second.levels].map((level) => level.nside))].sort((a, b) => b - a);
  const number = (value: number): number | string | null =>
    Number.isNaN(value) ? "<skyreader.nan>" : Number.isFinite(value) ? value : String(value);
  const result = nsides.map((nside) => {
    const a = levelOf(first, nside);
    const b = levelOf(second, nside);
    const some = (a ?? b)!;
    const columns =
      a === undefined || b === undefined
        ? columnTable.filter(({ name }) => some.columns[name] !== undefined)
        : sharedColumns(a, b);
    const comparers = columns.map((column) => comparerOf(column, options));
    const cells = (level: SkymapLevel | undefined, row: number): number[] | null =>
      level === undefined || row < 0 ? null : columns.map(({ name }) => level.columns[name]![row]!);
    const empty: SkymapLevel = { nside, metadata: undefined, columns: emptyColumns };
    const rows = [...pairRows(a ?? empty, b ?? empty)].map(([, rowA, rowB]) => {
      const cellsA = cells(a, rowA);
      const cellsB = cells(b, rowB);
      if (cellsA === null || cellsB === null)
        return [cellsA?.map(number) ?? null, cellsB?.map(number) ?? null, null, columns.map(() => false)];
      const differences = columns.map(({ relativeTolerance }, k) => {
        const x = cellsA[k]!;
        const y = cellsB[k]!;
        const difference = relativeTolerance === undefined ? x - y : (Math.abs(x - y) - absoluteTolerance) / Math.abs(y);
        return Number.isFinite(difference) ? difference : null;
      });
      return [
        cellsA.map(number),
        cellsB.map(number),
        differences,
        columns.map((_, k) => comparers[k]!(cellsA[k]!, cellsB[k]!).close),
      ];
    });
    return [`nside-${nside}`, rows] as const;
  });
  return JSON.stringify(Object.fromEntries(result), null, 3);
}

const none = new Float64Array(0);
const emptyColumns = { index: none, llh: none, E_in: none, E_tot: none };
