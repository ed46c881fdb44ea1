import { isNside, isPixel } from "@skyscan/healpix";
import { columnTable, versionOf, type ColumnName, type LevelColumns, type WritableColumns } from "./columns.ts";
import { SkymapError } from "./errors.ts";
import { noEventType, type LevelMetadata } from "./metadata.ts";

/** The pixels of one nside, in ascending order of pixel. */
export interface SkymapLevel {
  readonly nside: number;
  /** Undefined in files without header (before v3.8 as a rule), whose declinations may be mirrored. */
  readonly metadata: LevelMetadata | undefined;
  readonly columns: LevelColumns;
}

/**
 * A scan's result. Levels are in the order in which their nsides came in, which is the order in files; all have the same columns
 * and the same metadata fields. Plain data of typed arrays: it can be posted to a worker as it is.
 */
export interface Skymap {
  readonly levels: readonly SkymapLevel[];
}

/** A result as writers take it: each level's pixels in ascending order, of which they are not told again. Every {@link Skymap} is one. */
export interface WritableSkymap {
  readonly levels: readonly WritableLevel[];
}

/** As {@link SkymapLevel}, with columns that need not be arrays. */
export interface WritableLevel {
  readonly nside: number;
  readonly metadata: LevelMetadata | undefined;
  readonly columns: WritableColumns;
}

/** What {@link createSkymap} takes: as {@link SkymapLevel}, the pixels in any order. */
export interface LevelInput {
  readonly nside: number;
  readonly metadata?: LevelMetadata | undefined;
  readonly columns: LevelColumns;
}

/** The columns that are there, in file order. */
export function columnEntries(columns: LevelColumns): [ColumnName, Float64Array][] {
  return columnTable.flatMap(({ name }): [ColumnName, Float64Array][] => {
    const values = columns[name];
    return values === undefined ? [] : [[name, values]];
  });
}

/**
 * Checks and sorts levels into a result. Arrays that are in order already are kept, not copied.
 * @throws SkymapError `invalid`: an nside that is no power of two or comes twice, a pixel that is not of its nside or comes twice, columns of
 * unequal length, levels with different columns or metadata fields, a version that does not fit the columns
 */
export function createSkymap(levels: readonly LevelInput[]): Skymap {
  const checked = levels.map(checkLevel);
  const first = checked[0];
  const nsides = new Set<number>();
  for (const level of checked) {
    if (nsides.has(level.nside)) throw new SkymapError("invalid", `nside ${level.nside} is there twice`);
    nsides.add(level.nside);
    if (first !== undefined && shapeOf(level) !== shapeOf(first)) {
      throw new SkymapError(
        "invalid",
        `nside ${level.nside} has ${shapeOf(level)}, but nside ${first.nside} has ${shapeOf(first)}`,
      );
    }
  }
  return { levels: checked };
}

/** What all levels must share, in words. */
function shapeOf({ metadata, columns }: SkymapLevel): string {
  const fields =
    metadata === undefined ? "none" : Object.entries(metadata).flatMap(([key, value]) => (value === undefined ? [] : key));
  const names = columnEntries(columns).map(([name]) => name);
  return `columns ${names.join(",")} and metadata ${fields === "none" ? fields : fields.sort().join(",")}`;
}

function checkLevel({ nside, metadata, columns }: LevelInput): SkymapLevel {
  if (!isNside(nside)) throw new SkymapError("invalid", `nside ${nside} is not a power of two between 1 and 2^24`);
  const entries = columnEntries(columns);
  const names = entries.map(([name]) => name).join(",");
  const version = versionOf(columns);
  const expected = columnTable.filter((column) => column.sinceVersion <= version).map((column) => column.name);
  if (names !== expected.join(","))
    throw new SkymapError("invalid", `nside ${nside} has the columns ${names}; expected ${expected.join(",")}`);
  for (const [name, values] of entries) {
    if (values.length !== columns.index.length) {
      throw new SkymapError(
        "invalid",
        `nside ${nside}: column ${name} has ${values.length} values, index has ${columns.index.length}`,
      );
    }
  }
  if (metadata !== undefined && (metadata.version ?? 0) !== version) {
    throw new SkymapError(
      "invalid",
      `nside ${nside}: version ${metadata.version ?? 0} does not fit the columns ${names} (version ${version})`,
    );
  }
  const sorted = sortByPixel(columns, entries);
  const { index } = sorted;
  for (let k = 0; k < index.length; k++) {
    if (!isPixel(nside, index[k]!)) throw new SkymapError("invalid", `nside ${nside} has no pixel ${index[k]}`);
    if (k > 0 && index[k] === index[k - 1]) throw new SkymapError("invalid", `nside ${nside}: pixel ${index[k]} is there twice`);
  }
  return { nside, metadata: metadata?.eventType === "" ? { ...metadata, eventType: noEventType } : metadata, columns: sorted };
}

function sortByPixel(columns: LevelColumns, entries: [ColumnName, Float64Array][]): LevelColumns {
  const { index } = columns;
  let inOrder = true;
  for (let k = 1; k < index.length && inOrder; k++) inOrder = index[k]! >= index[k - 1]!;
  if (inOrder) return columns;
  const order = Uint32Array.from(index, (_, k) => k).sort((a, b) => index[a]! - index[b]!);
  return Object.fromEntries(
    entries.map(([name, values]) => [name, Float64Array.from(order, (k) => values[k]!)]),
  ) as unknown as LevelColumns;
}

/** The level of an nside, if it is there. */
export function levelOf(skymap: Skymap, nside: number): SkymapLevel | undefined {
  return skymap.levels.find((level) => level.nside === nside);
}

/** Row of a pixel in its level, or -1. */
export function rowOf(level: SkymapLevel, pixel: number): number {
  const { index } = level.columns;
  let low = 0;
  let high = index.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const there = index[middle]!;
    if (there === pixel) return middle;
    if (there < pixel) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Metadata of the event, from the first level; undefined when the result has none. */
export function eventMetadataOf(skymap: Skymap): LevelMetadata | undefined {
  return skymap.levels[0]?.metadata;
}

/** Number of pixels over all nsides. */
export function pixelTotal(skymap: Skymap): number {
  return skymap.levels.reduce((sum, level) => sum + level.columns.index.length, 0);
}
