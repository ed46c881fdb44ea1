import { ByteReader } from "../bytes/byte-reader.ts";
import { ByteWriter } from "../bytes/byte-writer.ts";
import { frameChecksum } from "../bytes/crc32c.ts";
import { IceCubeError } from "../errors.ts";
import { limitObjects } from "./size-limits.ts";

/** One object of a frame: its key, its C++ type name, and its archive, which is kept as it is until somebody decodes it. */
export interface FrameObject {
  readonly key: string;
  readonly typeName: string;
  readonly blob: Uint8Array;
}

/** An I3Frame. `objects` keep the order of the file, so that writing a parsed frame gives the same bytes. */
export interface Frame {
  /** Stream letter: G geometry, C calibration, D detector status, Q data acquisition, P physics, p a P frame prepared for recos. */
  readonly stream: string;
  readonly objects: readonly FrameObject[];
}

const tag = 0x5d33695b; // "[i3]"
const version = 6;

/**
 * Reads an I3Frame (version 6) and verifies its checksum.
 * @throws IceCubeError `truncated`, `garbled`, `unsupported` (another frame version), `too-large`
 */
export function parseFrame(bytes: Uint8Array): Frame {
  const reader = new ByteReader(bytes);
  if (reader.u32() !== tag) throw new IceCubeError("garbled", "no frame: it does not begin with [i3]");
  const found = reader.u32();
  if (found !== version) throw new IceCubeError("unsupported", `frame version ${found}; ${version} is read`);
  if (reader.u16() !== 0) throw new IceCubeError("unsupported", "frame: unknown class version of the stream");
  const stream = String.fromCharCode(reader.u8());
  const count = limitObjects(reader.count(12));
  const objects: FrameObject[] = [];
  const keys = new Set<string>();
  for (let i = 0; i < count; i++) {
    const key = reader.str();
    const typeName = reader.str();
    const blob = reader.lengthPrefixed();
    if (keys.has(key)) throw new IceCubeError("garbled", `the key ${JSON.stringify(key)} is there twice`);
    keys.add(key);
    objects.push({ key, typeName, blob });
  }
  const end = reader.offset;
  const stored = reader.u32();
  reader.end();
  const computed = frameChecksum(bytes.subarray(10, end));
  if (stored !== computed)
    throw new IceCubeError("garbled", `checksum ${hex(stored)} does not fit the content (${hex(computed)})`);
  return { stream, objects };
}

/** Writes an I3Frame, objects in the order given. */
export function writeFrame(frame: Frame): Uint8Array {
  const writer = new ByteWriter().u32(tag).u32(version).u16(0).latin1(frame.stream).u32(frame.objects.length);
  for (const { key, typeName, blob } of frame.objects) writer.str(key).str(typeName).lengthPrefixed(blob);
  const body = writer.finish();
  return new ByteWriter()
    .bytes(body)
    .u32(frameChecksum(body.subarray(10)))
    .finish();
}

/** A frame with its objects in ascending order of key, as IceTray writes them. */
export function createFrame(stream: string, objects: readonly FrameObject[]): Frame {
  return { stream, objects: [...objects].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)) };
}

/** The object under `key`, or undefined. */
export function frameObject(frame: Frame, key: string): FrameObject | undefined {
  return frame.objects.find((object) => object.key === key);
}

const hex = (value: number): string => value.toString(16).padStart(8, "0");
