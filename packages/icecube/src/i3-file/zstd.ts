import { IceCubeError } from "../errors.ts";
import { createByteSource, type ByteSource } from "./byte-source.ts";

/** Largest window that is kept while unpacking; `zstd --ultra -22` asks for 128 MiB, IceTray's files for 8 MiB at most. */
const maxWindowBytes = 32 * 1024 * 1024;

/**
 * Unpacks Zstandard (RFC 8878). The outer layout is walked here, block by block, so that a few bytes never become more than one block
 * (128 KiB), and the window is looked at before it is made. Checksums of the content are not verified: .i3 frames have their own.
 * @throws IceCubeError
 */
export async function* unzstd(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const { Decompress } = await import("fzstd");
  const source = createByteSource(pieces);
  try {
    while ((await source.peek(1)).length > 0) {
      const magic = await u32(source);
      if (magic >>> 4 === 0x184d2a5) {
        await skip(source);
        continue;
      }
      if (magic !== 0xfd2fb528) throw new IceCubeError("garbled", `no Zstandard frame at offset ${source.offset - 4}`);
      let unpacked: Uint8Array[] = [];
      const frame = new Decompress((block) => unpacked.push(block));
      const push = (bytes: Uint8Array, final: boolean): void => {
        try {
          frame.push(bytes, final);
        } catch (cause) {
          const why = cause instanceof Error ? cause.message : String(cause);
          throw new IceCubeError("garbled", `no valid Zstandard data before offset ${source.offset} (${why})`, { cause });
        }
      };
      const { header, checksum } = await frameHeader(source);
      push(Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), header]), false);
      for (let last = false; !last;) {
        const head = await source.take(3);
        const word = head[0]! | (head[1]! << 8) | (head[2]! << 16);
        const kind = (word >> 1) & 3;
        const length = word >> 3;
        if (kind === 3 || length > maxBlockBytes) {
          throw new IceCubeError("garbled", `no Zstandard block at offset ${source.offset - 3}`);
        }
        last = (word & 1) === 1;
        const block = await source.take(kind === 1 ? 1 : length);
        push(Buffer.concat([head, block, ...(last && checksum ? [await source.take(4)] : [])]), last);
        yield* unpacked;
        unpacked = [];
      }
    }
  } finally {
    await source.close();
  }
}

const maxBlockBytes = 128 * 1024;

const u32 = async (source: ByteSource): Promise<number> => Buffer.from(await source.take(4)).readUInt32LE();

/** A frame that holds something else. */
async function skip(source: ByteSource): Promise<void> {
  for (let left = await u32(source); left > 0;) left -= (await source.take(Math.min(left, maxBlockBytes))).length;
}

async function frameHeader(source: ByteSource): Promise<{ readonly header: Uint8Array; readonly checksum: boolean }> {
  const descriptor = (await source.take(1))[0]!;
  const single = (descriptor & 0x20) !== 0;
  const contentBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const rest = await source.take((single ? 0 : 1) + dictionaryBytes + contentBytes);
  let windowBytes: number;
  if (single) {
    const size = Buffer.alloc(8);
    size.set(rest.subarray(dictionaryBytes));
    windowBytes = Number(size.readBigUInt64LE()) + (contentBytes === 2 ? 256 : 0);
  } else {
    const base = 2 ** (10 + (rest[0]! >> 3));
    windowBytes = base + (base / 8) * (rest[0]! & 7);
  }
  if (windowBytes > maxWindowBytes) {
    throw new IceCubeError("too-large", `it wants a window of ${windowBytes} bytes; at most ${maxWindowBytes} are kept`);
  }
  return { header: Buffer.concat([Buffer.from([descriptor]), rest]), checksum: (descriptor & 4) !== 0 };
}

/** Packs as `zstd` does at its usual level, in one frame. */
export async function* zstd(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const { Zstd } = await import("@hpcc-js/wasm-zstd");
  const packer = await Zstd.load();
  packer.reset();
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += maxBlockBytes) {
      const packed = packer.compressChunk(piece.subarray(at, at + maxBlockBytes));
      if (packed.length > 0) yield packed;
    }
  }
  yield packer.compressEnd();
}
