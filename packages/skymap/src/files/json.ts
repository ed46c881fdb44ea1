/* The JSON of a result, as skyreader writes and reads it (json.dump with indent 4). */
import { columnsOf, columnTable, versionOf, type ColumnName } from "../result/columns.ts";
import { SkymapError } from "../result/errors.ts";
import { metadataFields, type MetadataField } from "../result/metadata.ts";
import { levelMetadataFrom, metadataValue } from "../result/metadata-values.ts";
import { pythonFloat } from "./python-number.ts";
import { shown } from "../result/shown.ts";
import { createSkymap, type LevelInput, type Skymap, type WritableLevel, type WritableSkymap } from "../result/skymap.ts";

/** How a NaN is written: JSON has none. */
export const nanText = "<skyreader.nan>";
/** Stand-ins for the bare words that Python writes; no file holds these texts. */
const POSITIVE_INFINITY_TEXT = "\u0000+Infinity";
const NEGATIVE_INFINITY_TEXT = "\u0000-Infinity";

const MAX_JSON_BYTES = 2 ** 29 - 24;

function floatText(value: number): string {
  if (Number.isNaN(value)) return JSON.stringify(nanText);
  // Not JSON, but what Python writes and reads for it; no fit should ever have it.
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  return pythonFloat(value);
}

/** As Python does: everything beyond ASCII is escaped. */
function quote(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (c) =>
    c === "\u007f" ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function metadataText(level: WritableLevel, field: MetadataField): string | undefined {
  const value = metadataValue(level, field);
  if (value === undefined) return undefined;
  if (typeof value === "string") return quote(value);
  return typeof value === "number" && field.kind === "float" ? floatText(value) : String(value);
}

/** Rows of a level, each value on its own line, as Python's indentation has it. */
function* rowTexts({ columns }: WritableLevel): Generator<string> {
  const values = columnsOf(versionOf(columns)).map(({ name, dtype }) => ({ column: columns[name]!, integer: dtype === "<i8" }));
  const length = columns.index.length;
  for (let row = 0; row < length; row++) {
    let text = "            [";
    let separator = "\n                ";
    for (const { column, integer } of values) {
      const value = column.at(row)!;
      text += separator + (integer ? String(value) : floatText(value));
      separator = ",\n                ";
    }
    yield `${text}\n            ]${row < length - 1 ? "," : ""}\n`;
  }
}

function* levelTexts(level: WritableLevel): Generator<string> {
  const version = versionOf(level.columns);
  const names = columnsOf(version).map(({ name }) => `            "${name}"`);
  yield `    "nside-${level.nside}": {\n        "columns": [\n${names.join(",\n")}\n        ],\n`;
  if (level.columns.index.length === 0) {
    yield `        "data": [],\n`;
  } else {
    yield `        "data": [\n`;
    yield* rowTexts(level);
    yield "        ],\n";
  }
  const metadata = metadataFields.flatMap((field) => {
    const text = metadataText(level, field);
    return text === undefined ? [] : [`            "${field.name}": ${text}`];
  });
  // Without it, skyreader would expect the columns of version 0.
  if (level.metadata === undefined && version === 1) metadata.push(`            "version": 1`);
  yield `        "metadata": {\n${metadata.join(",\n")}\n        }\n    }`;
}

/**
 * `<event>_<nsides>.json` in pieces of about 64 KiB, byte for byte as skyreader would write it: whole skies have hundreds of megabytes,
 * more than one string can hold. NaN is the text `<skyreader.nan>`. A result without metadata says its nside and nothing else there.
 */
export function* jsonChunks({ levels }: WritableSkymap): Generator<Uint8Array> {
  if (levels.length === 0) {
    yield Buffer.from("{}");
    return;
  }
  let piece = "{\n";
  for (const [k, level] of levels.entries()) {
    if (k > 0) piece += ",\n";
    for (const text of levelTexts(level)) {
      piece += text;
      if (piece.length < 0x10000) continue;
      yield Buffer.from(piece);
      piece = "";
    }
  }
  yield Buffer.from(`${piece}\n}`);
}

/** All pieces of {@link jsonChunks}. */
export const encodeJson = (skymap: WritableSkymap): Uint8Array => Buffer.concat([...jsonChunks(skymap)]);

/** A whole string or, so that no text is gone through twice, one that does not end; or a bare word. */
const stringsAndBareWords = /"[^"\\]*(?:\\(?:[^]|$)[^"\\]*)*(?:"|$)|-?Infinity|NaN/g;

/** JSON, with the bare NaN and Infinity of older files. */
function parseText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    try {
      const bare = { NaN: nanText, Infinity: POSITIVE_INFINITY_TEXT, "-Infinity": NEGATIVE_INFINITY_TEXT };
      const legal = text.replace(stringsAndBareWords, (word) =>
        word in bare ? JSON.stringify(bare[word as keyof typeof bare]) : word,
      );
      return JSON.parse(legal) as unknown;
    } catch {
      throw new SkymapError("garbled", `not JSON; the file may be truncated: ${(cause as Error).message}`, { cause });
    }
  }
}

function numberFrom(cell: unknown): number | undefined {
  if (typeof cell === "number") return cell;
  if (cell === nanText) return NaN;
  if (cell === POSITIVE_INFINITY_TEXT) return Infinity;
  return cell === NEGATIVE_INFINITY_TEXT ? -Infinity : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads a result; also older files with bare `NaN`. Rows may be in any order.
 * @throws SkymapError `garbled` when it is not JSON; `invalid` when it is something else than a result: keys other than columns, data and
 * metadata, wrong columns, a metadata nside that is not that of its key
 */
export function decodeJson(text: string | Uint8Array): Skymap {
  // What no string of this engine can hold.
  if (text.length > MAX_JSON_BYTES) {
    throw new SkymapError("too-large", `JSON of ${text.length} bytes; up to ${MAX_JSON_BYTES} are read (npz has no such limit)`);
  }
  const whole = parseText(typeof text === "string" ? text : new TextDecoder().decode(text));
  if (!isObject(whole)) throw new SkymapError("invalid", "not a scan result: an object keyed nside-<n> is expected");
  return createSkymap(Object.entries(whole).map(([key, value]) => decodeLevel(key, value)));
}

function decodeLevel(key: string, value: unknown): LevelInput {
  const invalid = (why: string): SkymapError => new SkymapError("invalid", `${shown(key)}: ${why}`);
  const nside = Number(/^nside-([1-9][0-9]{0,7})$/.exec(key)?.[1]);
  if (Number.isNaN(nside)) throw invalid("not a key of a scan result (nside-<n>)");
  if (!isObject(value) || Object.keys(value).sort().join() !== "columns,data,metadata") {
    throw invalid("it must have the keys columns, data and metadata, and no others");
  }
  const { columns: names, data, metadata } = value;
  if (!isObject(metadata) || metadata["nside"] !== nside) throw invalid(`metadata.nside must be ${nside}`);
  const version = Array.isArray(names) && names.length > columnsOf(0).length ? 1 : 0;
  const expected = columnTable.filter((column) => column.sinceVersion <= version).map((column) => column.name);
  const fits = Array.isArray(names) && names.length === expected.length && expected.every((name, k) => name === names[k]);
  if (!fits) throw invalid(`columns must be ${expected.join(", ")}`);
  if (!Array.isArray(data)) throw invalid("data must be a list of rows");
  const columns = Object.fromEntries(expected.map((name) => [name, new Float64Array(data.length)])) as Record<
    ColumnName,
    Float64Array
  >;
  data.forEach((row: unknown, k) => {
    if (!Array.isArray(row) || row.length !== expected.length) throw invalid(`row ${k} must have ${expected.length} values`);
    expected.forEach((name, c) => {
      const number = numberFrom(row[c]);
      if (number === undefined) throw invalid(`row ${k}, column ${name}: ${shown(row[c])} is not a number`);
      columns[name][k] = number;
    });
  });
  const numbers = Object.fromEntries(Object.entries(metadata).map(([name, cell]) => [name, cell === nanText ? NaN : cell]));
  return { nside, metadata: levelMetadataFrom(numbers), columns };
}
