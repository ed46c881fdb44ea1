/** Little-endian writer into a growing buffer. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  #grow(length: number): number {
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }

  u8(value: number): this {
    this.#view.setUint8(this.#grow(1), value);
    return this;
  }
  u16(value: number): this {
    this.#view.setUint16(this.#grow(2), value, true);
    return this;
  }
  u32(value: number): this {
    this.#view.setUint32(this.#grow(4), value, true);
    return this;
  }
  i16(value: number): this {
    this.#view.setInt16(this.#grow(2), value, true);
    return this;
  }
  i32(value: number): this {
    this.#view.setInt32(this.#grow(4), value, true);
    return this;
  }
  u64(value: bigint): this {
    this.#view.setBigUint64(this.#grow(8), value, true);
    return this;
  }
  i64(value: bigint): this {
    this.#view.setBigInt64(this.#grow(8), value, true);
    return this;
  }
  f32(value: number): this {
    this.#view.setFloat32(this.#grow(4), value, true);
    return this;
  }
  f64(value: number): this {
    this.#view.setFloat64(this.#grow(8), value, true);
    return this;
  }
  f64BigEndian(value: number): this {
    this.#view.setFloat64(this.#grow(8), value, false);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#bytes.set(value, this.#grow(value.length));
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
