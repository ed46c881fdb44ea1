import { IceCubeError } from "../errors.ts";

/** Little-endian reader over foreign bytes. Every read is bounded: it throws `truncated` instead of reading past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  #take(length: number): number {
    if (length > this.remaining) {
      throw new IceCubeError("truncated", `${length} bytes are needed at offset ${this.#offset}, ${this.remaining} are left`);
    }
    const start = this.#offset;
    this.#offset += length;
    return start;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  i16(): number {
    return this.#view.getInt16(this.#take(2), true);
  }
  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }
  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }
  f32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }
  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }
  f64BigEndian(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** A view (no copy) of the next `length` bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Bytes up to and without the next line feed, which is consumed. */
  line(): Uint8Array {
    const end = this.#bytes.indexOf(0x0a, this.#offset);
    if (end < 0) throw new IceCubeError("truncated", `a line that begins at offset ${this.#offset} does not end`);
    const line = this.bytes(end - this.#offset);
    this.u8();
    return line;
  }

  /** u32 length, then that many bytes, read as Latin-1 so that writing them again gives the same bytes. */
  str(): string {
    return latin1(this.lengthPrefixed());
  }

  /** u32 length, then that many bytes. */
  lengthPrefixed(): Uint8Array {
    return this.bytes(this.count());
  }

  /** An u32 count of things of at least `itemBytes` bytes each: a count the remaining bytes cannot hold is `truncated`. */
  count(itemBytes = 1): number {
    const count = this.u32();
    if (count === 0xffffffff) throw new IceCubeError("unsupported", `a 64-bit length at offset ${this.#offset - 4}`);
    if (count * itemBytes > this.remaining) {
      throw new IceCubeError(
        "truncated",
        `${count} items are announced at offset ${this.#offset - 4}, but only ${this.remaining} bytes are left`,
      );
    }
    return count;
  }

  /** @throws IceCubeError `garbled` when bytes are left over. */
  end(): void {
    if (this.remaining > 0) throw new IceCubeError("garbled", `${this.remaining} bytes are left over at offset ${this.#offset}`);
  }
}

/** Bytes to a string, one character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws IceCubeError `garbled` when the bytes are no UTF-8. */
export function utf8(bytes: Uint8Array): string {
  try {
    return utf8Decoder.decode(bytes);
  } catch (cause) {
    throw new IceCubeError("garbled", `a text of ${bytes.length} bytes is not UTF-8`, { cause });
  }
}
