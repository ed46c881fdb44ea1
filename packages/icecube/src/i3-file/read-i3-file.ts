import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { IceCubeError } from "../errors.ts";
import { parseFrame, type Frame } from "../frame/frame.ts";
import { limitObjects } from "../frame/size-limits.ts";
import { createByteSource, type ByteSource } from "./byte-source.ts";
import { seemsI3, unpacked } from "./packings.ts";

/** A frame of an .i3 file. */
export interface I3FileFrame {
  /** Counted from 1. */
  readonly number: number;
  /** Of its first byte in the unpacked file. */
  readonly offset: number;
  readonly byteLength: number;
  readonly frame: Frame;
}

/** Calibration frames of the whole detector are the largest, some 20 MB. */
const maxI3FrameBytes = 64 * 1024 * 1024;
/** Keys and type names of real frames have less than two hundred characters. */
const maxNameBytes = 4096;

/**
 * The frames of an .i3 file, one after the other, as they come: `.i3`, or packed with gzip, bzip2 or Zstandard (its content tells, not its
 * name). Checksums are verified. Holds one frame at a time.
 * @throws IceCubeError whose message begins with the file's name, and says which frame at which offset of the unpacked file is wrong
 */
export async function* readI3File(path: string): AsyncGenerator<I3FileFrame, void, undefined> {
  yield* readI3Frames(createReadStream(path), path);
}

/** As `readI3File`, from bytes that come in pieces. */
export async function* readI3Frames(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<I3FileFrame, void, undefined> {
  const source = createByteSource(unpacked(pieces));
  let number = 1;
  let offset = 0;
  try {
    for (; (await source.peek(1)).length > 0; number++) {
      offset = source.offset;
      const bytes = await frameBytes(source);
      yield { number, offset, byteLength: bytes.length, frame: parseFrame(bytes) };
    }
  } catch (error) {
    throw placed(error, `${name}: frame ${number} at offset ${offset}`, name);
  } finally {
    await source.close();
  }
}

function placed(error: unknown, place: string, name: string): unknown {
  if (error instanceof IceCubeError) return new IceCubeError(error.code, `${place}: ${error.message}`, { cause: error.cause });
  if (!(error instanceof Error) || !("code" in error)) return error;
  return new IceCubeError("io", `cannot read ${name}: ${error.message}`, { cause: error });
}

/** All bytes of the next frame; its length is nowhere written, so its objects are walked. */
async function frameBytes(source: ByteSource): Promise<Uint8Array> {
  const taken: Uint8Array[] = [];
  let total = 0;
  const take = async (length: number): Promise<Buffer> => {
    total += length;
    if (total > maxI3FrameBytes) throw new IceCubeError("too-large", `it has more than ${maxI3FrameBytes} bytes`);
    const bytes = await source.take(length);
    taken.push(bytes);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  const head = await take(15);
  if (head.toString("latin1", 0, 4) !== "[i3]") throw new IceCubeError("garbled", "no frame: it does not begin with [i3]");
  const count = limitObjects(head.readUInt32LE(11));
  for (let i = 0; i < count; i++) {
    for (let part = 0; part < 3; part++) {
      const length = (await take(4)).readUInt32LE();
      if (part < 2 && length > maxNameBytes) {
        throw new IceCubeError("garbled", `object ${i + 1} of ${count} has a name of ${length} bytes`);
      }
      if (length > 0) await take(length);
    }
  }
  await take(4);
  return Buffer.concat(taken);
}

/** Whether a file begins like an .i3 file, packed or not. @throws IceCubeError `io` */
export async function isI3File(path: string): Promise<boolean> {
  try {
    const file = await open(path, "r");
    try {
      const start = Buffer.alloc(4);
      const { bytesRead } = await file.read(start, 0, 4, 0);
      return seemsI3(start.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new IceCubeError("io", `cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
