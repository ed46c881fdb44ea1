type FirstColumn = "index" | "llh" | "E_in" | "E_tot";
type LaterColumn = "X" | "Y" | "Z" | "T";

export type ColumnName = FirstColumn | LaterColumn;

/** One column of a result, as skyreader names and types it. */
export interface Column {
  readonly name: ColumnName;
  /** numpy type in files. */
  readonly dtype: "<i8" | "<f8";
  /** First format version that has it. */
  readonly sinceVersion: 0 | 1;
  readonly unit: string;
  readonly meaning: string;
  /** Relative tolerance of {@link compareSkymaps}; undefined: must be equal. */
  readonly relativeTolerance: number | undefined;
  /** A 0 on either side says "not fitted" and compares with anything. */
  readonly zeroMatchesAll: boolean;
}

/** The columns of a result in file order. The one place that lists them: files, comparison and documentation follow. */
export const columnTable: readonly Column[] = [
  {
    name: "index",
    dtype: "<i8",
    sinceVersion: 0,
    unit: "",
    meaning: "HEALPix pixel, RING ordering",
    relativeTolerance: undefined,
    zeroMatchesAll: false,
  },
  {
    name: "llh",
    dtype: "<f8",
    sinceVersion: 0,
    unit: "",
    meaning: "negative log likelihood of the best fit in this pixel, lower is better; NaN: every fit failed",
    relativeTolerance: 1e-4,
    zeroMatchesAll: false,
  },
  {
    name: "E_in",
    dtype: "<f8",
    sinceVersion: 0,
    unit: "GeV",
    meaning: "energy lost inside the detector",
    relativeTolerance: 1e-2,
    zeroMatchesAll: true,
  },
  {
    name: "E_tot",
    dtype: "<f8",
    sinceVersion: 0,
    unit: "GeV",
    meaning: "energy lost in all",
    relativeTolerance: 1e-2,
    zeroMatchesAll: true,
  },
  {
    name: "X",
    dtype: "<f8",
    sinceVersion: 1,
    unit: "m",
    meaning: "fitted vertex, detector coordinates",
    relativeTolerance: 1e-3,
    zeroMatchesAll: false,
  },
  {
    name: "Y",
    dtype: "<f8",
    sinceVersion: 1,
    unit: "m",
    meaning: "fitted vertex, detector coordinates",
    relativeTolerance: 1e-3,
    zeroMatchesAll: false,
  },
  {
    name: "Z",
    dtype: "<f8",
    sinceVersion: 1,
    unit: "m",
    meaning: "fitted vertex, detector coordinates",
    relativeTolerance: 1e-3,
    zeroMatchesAll: false,
  },
  {
    name: "T",
    dtype: "<f8",
    sinceVersion: 1,
    unit: "ns",
    meaning: "time at the fitted vertex, from the start of the event",
    relativeTolerance: 1e-3,
    zeroMatchesAll: false,
  },
];

/** Format of results: 0 has the columns up to E_tot, 1 (written since 2023) has vertex and time too. */
export type FormatVersion = 0 | 1;

/** The values of one nside, one array per column, one element per pixel. X, Y, Z and T are there all or none. */
export type LevelColumns = Readonly<Record<FirstColumn, Float64Array>> & Readonly<Partial<Record<LaterColumn, Float64Array>>>;

/** What is read of a column to write it: a typed array, or a choice of rows of one that others still fill. */
export interface ColumnValues {
  readonly length: number;
  at(row: number): number | undefined;
}

/** As {@link LevelColumns}, to be written only. */
export type WritableColumns = Readonly<Record<FirstColumn, ColumnValues>> & Readonly<Partial<Record<LaterColumn, ColumnValues>>>;

/** The columns that a format version has, in file order. */
export function columnsOf(version: FormatVersion): readonly Column[] {
  return columnTable.filter((column) => column.sinceVersion <= version);
}

/** Format version of columns: 1 when vertex and time are there. */
export function versionOf(columns: WritableColumns): FormatVersion {
  return columns.X === undefined ? 0 : 1;
}
