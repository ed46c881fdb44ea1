/** Little-endian writer into a growing buffer. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Room for `length` more bytes; the view is of the buffer after it has grown. */
  #reserve(length: number): DataView {
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return this.#view;
  }

  u8(value: number): this {
    this.#reserve(1).setUint8(this.#length - 1, value);
    return this;
  }
  u16(value: number): this {
    this.#reserve(2).setUint16(this.#length - 2, value, true);
    return this;
  }
  u32(value: number): this {
    this.#reserve(4).setUint32(this.#length - 4, value, true);
    return this;
  }
  i16(value: number): this {
    this.#reserve(2).setInt16(this.#length - 2, value, true);
    return this;
  }
  i32(value: number): this {
    this.#reserve(4).setInt32(this.#length - 4, value, true);
    return this;
  }
  u64(value: bigint): this {
    this.#reserve(8).setBigUint64(this.#length - 8, value, true);
    return this;
  }
  i64(value: bigint): this {
    this.#reserve(8).setBigInt64(this.#length - 8, value, true);
    return this;
  }
  f32(value: number): this {
    this.#reserve(4).setFloat32(this.#length - 4, value, true);
    return this;
  }
  f64(value: number): this {
    this.#reserve(8).setFloat64(this.#length - 8, value, true);
    return this;
  }
  f64BigEndian(value: number): this {
    this.#reserve(8).setFloat64(this.#length - 8, value, false);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length - value.length);
    return this;
  }

  /** Bytes of a string whose characters are below 256, without a length. */
  latin1(value: string): this {
    return this.bytes(Buffer.from(value, "latin1"));
  }

  /** u32 length, then the bytes of a Latin-1 string. */
  str(value: string): this {
    return this.lengthPrefixed(Buffer.from(value, "latin1"));
  }

  lengthPrefixed(value: Uint8Array): this {
    return this.u32(value.length).bytes(value);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
