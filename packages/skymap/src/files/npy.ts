/* The npy format of numpy (NEP 1): one-dimensional tables of named fields. */
import { SkymapError } from "../result/errors.ts";
import { parsePythonLiteral, type PythonLiteral } from "./python-literal.ts";

/** A field of a table to write: its name and numpy type. */
export interface NpyField {
  readonly name: string;
  readonly dtype: string;
}

/** What a cell of a table is as numbers or text. */
export type NpyCell = number | boolean | string;

/** A one-dimensional table read from a member. */
export interface NpyTable {
  readonly fields: readonly NpyField[];
  readonly length: number;
  /** Reads one field of one row. */
  cell(row: number, field: number): NpyCell;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** numpy leaves room for the length to grow to this many digits in place. */
const GROWTH_DIGITS = 21;
const ALIGN = 64;

/** Bytes of one cell of a numpy type that is written here. */
function cellSize(dtype: string): number {
  const { kind, count } = parseType(dtype);
  return kind === "U" ? 4 * count : count;
}

/** The header of format 1.0 of a table, and how many bytes each of its rows takes. */
export function npyHeader(fields: readonly NpyField[], length: number): { header: Uint8Array; rowSize: number } {
  const descr = fields.map(({ name, dtype }) => `('${name}', '${dtype}')`).join(", ");
  const literal = `{'descr': [${descr}], 'fortran_order': False, 'shape': (${length},), }`;
  const grown = literal + " ".repeat(GROWTH_DIGITS - String(length).length);
  const padding = ALIGN - ((MAGIC.length + 4 + grown.length + 1) % ALIGN);
  const text = `${grown}${" ".repeat(padding)}\n`;
  const header = new Uint8Array(MAGIC.length + 4 + text.length);
  header.set(MAGIC);
  header[6] = 1;
  new DataView(header.buffer).setUint16(8, text.length, true);
  header.set(new TextEncoder().encode(text), 10);
  return { header, rowSize: fields.reduce((sum, field) => sum + cellSize(field.dtype), 0) };
}

/** {@link npyHeader} with room for `length` rows behind it, to be filled by the caller through `view` from `offset` on. */
export function allocateNpy(
  fields: readonly NpyField[],
  length: number,
): { bytes: Uint8Array; view: DataView; offset: number; rowSize: number } {
  const { header, rowSize } = npyHeader(fields, length);
  const bytes = new Uint8Array(header.length + rowSize * length);
  bytes.set(header);
  return { bytes, view: new DataView(bytes.buffer), offset: header.length, rowSize };
}

interface CellType {
  readonly kind: "i" | "u" | "f" | "b" | "U" | "S";
  readonly littleEndian: boolean;
  /** Bytes of numbers, characters of text. */
  readonly count: number;
}

function parseType(dtype: string): CellType {
  const match = /^([<>|=]?)([iufbUS])([1-9][0-9]{0,3})$/.exec(dtype);
  const kind = match?.[2] as CellType["kind"] | undefined;
  const count = Number(match?.[3]);
  const known =
    kind !== undefined &&
    ((kind === "f" && (count === 4 || count === 8)) ||
      ((kind === "i" || kind === "u") && [1, 2, 4, 8].includes(count)) ||
      (kind === "b" && count === 1) ||
      kind === "U" ||
      kind === "S");
  if (!known) {
    const objects = dtype.includes("O") ? "; it holds pickled Python objects, which are never loaded" : "";
    throw new SkymapError("invalid", `npy field of type ${JSON.stringify(dtype)} cannot be read${objects}`);
  }
  return { kind, littleEndian: match![1] !== ">", count };
}

function readCell(view: DataView, at: number, { kind, littleEndian, count }: CellType): NpyCell {
  switch (kind) {
    case "f":
      return count === 8 ? view.getFloat64(at, littleEndian) : view.getFloat32(at, littleEndian);
    case "b":
      return view.getUint8(at) !== 0;
    case "U": {
      let text = "";
      for (let k = 0; k < count; k++) {
        const point = view.getUint32(at + 4 * k, littleEndian);
        if (point === 0) break;
        if (point > 0x10ffff) throw new SkymapError("garbled", `npy text holds the character ${point}`);
        text += String.fromCodePoint(point);
      }
      return text;
    }
    case "S": {
      let text = "";
      for (let k = 0; k < count && view.getUint8(at + k) !== 0; k++) text += String.fromCharCode(view.getUint8(at + k));
      return text;
    }
    case "i":
    case "u":
      return readInteger(view, at, count, littleEndian, kind === "i");
  }
}

function readInteger(view: DataView, at: number, size: number, littleEndian: boolean, signed: boolean): number {
  if (size === 8) {
    const low = view.getUint32(at + (littleEndian ? 0 : 4), littleEndian);
    const highAt = at + (littleEndian ? 4 : 0);
    const high = signed ? view.getInt32(highAt, littleEndian) : view.getUint32(highAt, littleEndian);
    return high * 2 ** 32 + low;
  }
  if (size === 4) return signed ? view.getInt32(at, littleEndian) : view.getUint32(at, littleEndian);
  if (size === 2) return signed ? view.getInt16(at, littleEndian) : view.getUint16(at, littleEndian);
  return signed ? view.getInt8(at) : view.getUint8(at);
}

/** Writes an integer below 2^53 as int64. */
export function setInt64(view: DataView, at: number, value: number): void {
  const high = Math.floor(value / 2 ** 32);
  view.setUint32(at, value - high * 2 ** 32, true);
  view.setInt32(at + 4, high, true);
}

const isPair = (item: PythonLiteral): item is readonly [string, string] =>
  Array.isArray(item) && item.length === 2 && typeof item[0] === "string" && typeof item[1] === "string";

/**
 * Reads a one-dimensional table of named fields: npy formats 1.0 to 3.0, numbers of either byte order, no objects.
 * @throws SkymapError `garbled` when it is no whole npy; `invalid` when it is something else than such a table
 */
export function readNpy(bytes: Uint8Array): NpyTable {
  const garbled = (why: string): SkymapError => new SkymapError("garbled", `not a whole npy: ${why}`);
  if (bytes.length < 12 || MAGIC.some((byte, k) => bytes[k] !== byte)) throw garbled("it does not begin as one");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = view.getUint8(6);
  if (major < 1 || major > 3) throw garbled(`its format is ${major}; 1 to 3 are known`);
  const headerAt = major === 1 ? 10 : 12;
  const headerLength = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataAt = headerAt + headerLength;
  if (dataAt > bytes.length) throw garbled("its header breaks off");
  const header = parsePythonLiteral(new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(bytes.subarray(headerAt, dataAt)));
  const get = (key: string): PythonLiteral | undefined =>
    header instanceof Map ? (header as ReadonlyMap<string, PythonLiteral>).get(key) : undefined;

  const shape = get("shape");
  if (!Array.isArray(shape) || shape.length !== 1 || typeof shape[0] !== "number" || shape[0] < 0) {
    throw new SkymapError("invalid", `npy array is not one-dimensional`);
  }
  const length: number = shape[0];
  const descr = get("descr");
  if (!Array.isArray(descr) || descr.length === 0 || !descr.every(isPair))
    throw new SkymapError("invalid", "npy array is not a table of named fields");
  const fields = descr.map(([name, dtype]): NpyField => ({ name, dtype }));
  const types = fields.map((field) => parseType(field.dtype));
  const offsets: number[] = [];
  let rowSize = 0;
  for (const field of fields) {
    offsets.push(rowSize);
    rowSize += cellSize(field.dtype);
  }
  if (dataAt + rowSize * length !== bytes.length) {
    throw garbled(`${length} rows of ${rowSize} bytes are announced, ${bytes.length - dataAt} bytes are there`);
  }
  return { fields, length, cell: (row, field) => readCell(view, dataAt + row * rowSize + offsets[field]!, types[field]!) };
}
