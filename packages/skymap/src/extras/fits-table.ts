import { BLOCK, encodeFitsHeader, type FitsCard } from "./fits-header.ts";

/** A column: 8-byte floats, or 8-byte integers from exact numbers below 2^53. */
export interface FitsColumn {
  readonly name: string;
  readonly type: "float64" | "int64";
  readonly unit?: string;
  readonly values: Float64Array;
}

/**
 * A FITS file of an empty primary array and one binary table (FITS 4.0, section 7.3), one element per row and column.
 * @param cards of the table's header, after those of its structure
 * @throws RangeError when columns differ in length or a card's value does not fit
 */
export function encodeFitsTable(columns: readonly FitsColumn[], cards: readonly FitsCard[]): Uint8Array {
  const rows = columns[0]?.values.length ?? 0;
  if (columns.some((column) => column.values.length !== rows)) throw new RangeError("FITS columns must be of equal length");
  const rowBytes = 8 * columns.length;
  const primary = encodeFitsHeader([
    ["SIMPLE", true, "conforms to the FITS standard"],
    ["BITPIX", 8],
    ["NAXIS", 0],
    ["EXTEND", true],
  ]);
  const header = encodeFitsHeader([
    ["XTENSION", "BINTABLE", "binary table"],
    ["BITPIX", 8],
    ["NAXIS", 2],
    ["NAXIS1", rowBytes, "bytes of a row"],
    ["NAXIS2", rows, "rows"],
    ["PCOUNT", 0],
    ["GCOUNT", 1],
    ["TFIELDS", columns.length],
    ...columns.flatMap(({ name, type, unit }, k): FitsCard[] => [
      [`TTYPE${k + 1}`, name],
      [`TFORM${k + 1}`, type === "float64" ? "D" : "K"],
      [`TUNIT${k + 1}`, unit],
    ]),
    ...cards,
  ]);
  const file = Buffer.alloc(primary.length + header.length + Math.ceil((rows * rowBytes) / BLOCK) * BLOCK);
  file.set(primary, 0);
  file.set(header, primary.length);
  putRows(file.subarray(primary.length + header.length, primary.length + header.length + rows * rowBytes), columns);
  return file;
}

function putRows(data: Buffer, columns: readonly FitsColumn[]): void {
  const [only] = columns;
  if (columns.length === 1 && only!.type === "float64") {
    // Millions of rows: copied as they lie in memory and turned to big-endian at once.
    data.set(new Uint8Array(only!.values.buffer, only!.values.byteOffset, only!.values.byteLength));
    if (littleEndian) data.swap64();
    return;
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  columns.forEach(({ type, values }, k) => {
    for (let row = 0; row < values.length; row++) {
      const at = 8 * (row * columns.length + k);
      const value = values[row]!;
      if (type === "float64") {
        view.setFloat64(at, value);
      } else {
        view.setUint32(at, Math.floor(value / 2 ** 32));
        view.setUint32(at + 4, value % 2 ** 32);
      }
    }
  });
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
