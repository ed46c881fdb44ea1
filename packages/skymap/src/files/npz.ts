/* The npz of a result: `header.npy` with one row per nside, then `nside-<n>.npy` with one row per pixel, as skyreader writes and reads it. */
import { columnsOf, columnTable, versionOf, type ColumnName, type LevelColumns } from "../result/columns.ts";
import { SkymapError } from "../result/errors.ts";
import { defaultMaxBytes } from "../result/limits.ts";
import { metadataFields, type LevelMetadata } from "../result/metadata.ts";
import { levelMetadataFrom, metadataValue } from "../result/metadata-values.ts";
import { allocateNpy, npyHeader, readNpy, setInt64, type NpyField, type NpyTable } from "./npy.ts";
import { createSkymap, type LevelInput, type Skymap, type WritableLevel, type WritableSkymap } from "../result/skymap.ts";
import { readZip } from "./zip-read.ts";
import { storedMember, zipChunks, type ZipMember } from "./zip-write.ts";

/**
 * `<event>_<nsides>.npz` in pieces of about 1 MiB at most, each of which stands until the next one is asked for. The same result always gives
 * the same bytes; numpy loads them without `allow_pickle`.
 * A result without metadata gets no header, like the files it came from.
 * @throws SkymapError `too-large` from 4 GiB
 */
export function npzChunks(skymap: WritableSkymap): Generator<Uint8Array> {
  const header = encodeHeader(skymap.levels);
  const levels = skymap.levels.map((level): ZipMember => ({ name: `nside-${level.nside}.npy`, ...levelMember(level) }));
  return zipChunks(header === undefined ? levels : [storedMember("header.npy", header), ...levels]);
}

/** All pieces of {@link npzChunks}. */
export const encodeNpz = (skymap: WritableSkymap): Uint8Array =>
  Buffer.concat(Array.from(npzChunks(skymap), (chunk) => Buffer.from(chunk)));

function encodeHeader(levels: readonly WritableLevel[]): Uint8Array | undefined {
  const first = levels[0]?.metadata;
  if (first === undefined) return undefined;
  const present = metadataFields.filter((field) => field.key === "nside" || first[field.key] !== undefined);
  // numpy counts text in code points, four bytes each.
  const points = levels.map((level) => Array.from(level.metadata?.eventType ?? "", (character) => character.codePointAt(0)!));
  const width = Math.max(1, ...points.map((list) => list.length));
  const dtypes = { integer: "<i8", boolean: "|b1", float: "<f8", text: `<U${width}` };
  const fields = present.map(({ name, kind }): NpyField => ({ name, dtype: dtypes[kind] }));
  const { bytes, view, offset } = allocateNpy(fields, levels.length);
  let at = offset;
  levels.forEach((level, row) => {
    for (const field of present) {
      if (field.kind === "text") {
        points[row]!.forEach((point, k) => view.setUint32(at + 4 * k, point, true));
        at += 4 * width;
        continue;
      }
      const value = Number(metadataValue(level, field));
      if (field.kind === "boolean") view.setUint8(at, value);
      else if (field.kind === "float") view.setFloat64(at, value, true);
      else setInt64(view, at, value);
      at += field.kind === "boolean" ? 1 : 8;
    }
  });
  return bytes;
}

/** Rows of a level that are encoded at a time. */
const ROWS_PER_CHUNK = 16_384;

function levelMember({ columns }: WritableLevel): Omit<ZipMember, "name"> {
  const present = columnsOf(versionOf(columns));
  const length = columns.index.length;
  const { header, rowSize } = npyHeader(present, length);
  function* chunks(): Generator<Uint8Array> {
    yield header;
    // One buffer for all: a fresh one for each piece would take the server's memory faster than it is collected.
    const buffer = new Uint8Array(Math.min(length, ROWS_PER_CHUNK) * rowSize);
    for (let from = 0; from < length; from += ROWS_PER_CHUNK) {
      const to = Math.min(from + ROWS_PER_CHUNK, length);
      encodeRows(from, to, new DataView(buffer.buffer));
      yield buffer.subarray(0, (to - from) * rowSize);
    }
  }
  function encodeRows(from: number, to: number, view: DataView): void {
    present.forEach(({ name, dtype }, k) => {
      const values = columns[name]!;
      for (let row = from; row < to; row++) {
        const at = (row - from) * rowSize + 8 * k;
        if (dtype === "<i8") setInt64(view, at, values.at(row)!);
        else view.setFloat64(at, values.at(row)!, true);
      }
    });
  }
  return { size: header.length + length * rowSize, chunks };
}

/**
 * Reads a result. Members may be stored or deflated; a file without header (before v3.8) gives levels without metadata.
 * Nothing pickled is ever loaded.
 * @throws SkymapError `garbled`, `invalid`, `too-large` (members of more than `maxBytes`, 1 GiB unless given)
 */
export function decodeNpz(bytes: Uint8Array, options: { readonly maxBytes?: number } = {}): Skymap {
  const tables = new Map<string, NpyTable>();
  for (const { name, data } of readZip(bytes, options.maxBytes ?? defaultMaxBytes)) {
    if (!/^(header|nside-[1-9][0-9]{0,7})\.npy$/.test(name)) {
      throw new SkymapError("invalid", `member ${JSON.stringify(name)} is not of a scan result (header.npy, nside-<n>.npy)`);
    }
    tables.set(
      name.slice(0, -4),
      named(name, () => readNpy(data)),
    );
  }
  const header = tables.get("header");
  tables.delete("header");
  const metadata = header === undefined ? undefined : named("header.npy", () => decodeHeader(header));
  const nsides =
    metadata === undefined ? [...tables.keys()].map((key) => Number(key.slice("nside-".length))) : [...metadata.keys()];
  if (metadata !== undefined && nsides.length !== tables.size) {
    throw new SkymapError(
      "invalid",
      `the header has ${nsides.length} nsides (${nsides.join(", ")}), but there are ${tables.size} nside-<n>.npy`,
    );
  }
  return createSkymap(
    nsides.map((nside): LevelInput => {
      const table = tables.get(`nside-${nside}`);
      if (table === undefined)
        throw new SkymapError("invalid", `the header has nside ${nside}, but there is no nside-${nside}.npy`);
      return { nside, metadata: metadata?.get(nside), columns: named(`nside-${nside}.npy`, () => decodeColumns(table)) };
    }),
  );
}

function decodeHeader(table: NpyTable): Map<number, LevelMetadata | undefined> {
  const result = new Map<number, LevelMetadata | undefined>();
  for (let row = 0; row < table.length; row++) {
    const values = Object.fromEntries(table.fields.map((field, k) => [field.name, table.cell(row, k)]));
    const nside = values["nside"];
    if (typeof nside !== "number") throw new SkymapError("invalid", "it has no nside");
    if (result.has(nside)) throw new SkymapError("invalid", `nside ${nside} is there twice`);
    result.set(nside, levelMetadataFrom(values));
  }
  return result;
}

function decodeColumns(table: NpyTable): LevelColumns {
  const names = table.fields.map((field) => field.name);
  const version = names.length > columnsOf(0).length ? 1 : 0;
  const expected = columnsOf(version).map((column) => column.name);
  if (names.join() !== expected.join())
    throw new SkymapError("invalid", `its columns are ${names.join(", ")}; expected ${expected.join(", ")}`);
  const columns: Partial<Record<ColumnName, Float64Array>> = {};
  columnTable.slice(0, names.length).forEach(({ name }, k) => {
    const values = new Float64Array(table.length);
    for (let row = 0; row < values.length; row++) values[row] = Number(table.cell(row, k));
    columns[name] = values;
  });
  return columns as LevelColumns;
}

/** Puts the member's name before what went wrong in it. */
function named<T>(member: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SkymapError) throw new SkymapError(error.code, `${member}: ${error.message}`, { cause: error });
    throw error;
  }
}
