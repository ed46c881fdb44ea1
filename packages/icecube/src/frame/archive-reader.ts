import { ByteReader } from "../bytes/byte-reader.ts";
import { IceCubeError } from "../errors.ts";

/**
 * Reads one "portable binary" archive: the first object of each class is preceded by its tracking flag and version, and tracked
 * objects carry a running number. All objects of a frame are held through a shared pointer and derive from I3FrameObject.
 */
export class ArchiveReader {
  readonly bytes: ByteReader;
  /** Class version of the outermost object. */
  readonly version: number;
  readonly #versions = new Map<string, number>();
  #nextId = 0;

  /** @throws IceCubeError when the blob holds no `registeredName` of one of `versions`. */
  constructor(blob: Uint8Array, registeredName: string, versions: readonly number[] = [0]) {
    this.bytes = new ByteReader(blob);
    const pointer = this.bytes.u16();
    const index = this.bytes.i16();
    if (pointer !== 0x0100 || index !== 2) throw new IceCubeError("garbled", "the archive does not begin with a shared pointer");
    const name = this.bytes.str();
    if (name !== registeredName)
      throw new IceCubeError("garbled", `the archive holds ${JSON.stringify(name)}, not ${registeredName}`);
    this.version = this.object(name, versions);
    this.frameObject();
  }

  /** A tracked object by value: class info when it is the first of its class, then its number. Gives the class version. */
  object(name: string, versions: readonly number[] = [0]): number {
    const version = this.#classInfo(name, 1, versions);
    const id = this.bytes.u32();
    if (id !== this.#nextId) throw new IceCubeError("garbled", `object number ${id} of ${name} where ${this.#nextId} is due`);
    this.#nextId++;
    return version;
  }

  /** The base class I3FrameObject, which has no fields. */
  frameObject(): void {
    this.object("I3FrameObject");
  }

  /** An untracked class, for instance a standard container. */
  plain(name: string): void {
    this.#classInfo(name, 0, [0]);
  }

  /** Class info and count of a standard container whose items take at least `itemBytes` bytes. */
  container(name: string, itemBytes: number): number {
    this.plain(name);
    return this.bytes.count(itemBytes);
  }

  #classInfo(name: string, tracking: 0 | 1, versions: readonly number[]): number {
    const known = this.#versions.get(name);
    if (known !== undefined) return known;
    const tracked = this.bytes.u8();
    const version = this.bytes.u8();
    if (tracked !== tracking) throw new IceCubeError("garbled", `class ${name} has tracking flag ${tracked}, not ${tracking}`);
    if (!versions.includes(version)) {
      throw new IceCubeError("unsupported", `class ${name} has version ${version}; ${versions.join(", ")} is read`);
    }
    this.#versions.set(name, version);
    return version;
  }
}
