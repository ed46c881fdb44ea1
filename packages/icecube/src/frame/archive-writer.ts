import { ByteWriter } from "../bytes/byte-writer.ts";

/** Writes one "portable binary" archive; the counterpart of `ArchiveReader`. */
export class ArchiveWriter {
  readonly bytes: ByteWriter = new ByteWriter();
  readonly #known = new Set<string>();
  #nextId = 0;

  constructor(registeredName: string, version = 0) {
    this.bytes.u16(0x0100).i16(2).str(registeredName);
    this.object(registeredName, version);
    this.frameObject();
  }

  object(name: string, version = 0): this {
    this.#classInfo(name, 1, version);
    this.bytes.u32(this.#nextId++);
    return this;
  }

  frameObject(): this {
    return this.object("I3FrameObject");
  }

  plain(name: string): this {
    this.#classInfo(name, 0, 0);
    return this;
  }

  container(name: string, count: number): this {
    this.plain(name);
    this.bytes.u32(count);
    return this;
  }

  finish(): Uint8Array {
    return this.bytes.finish();
  }

  #classInfo(name: string, tracking: 0 | 1, version: number): void {
    if (this.#known.has(name)) return;
    this.#known.add(name);
    this.bytes.u8(tracking).u8(version);
  }
}
