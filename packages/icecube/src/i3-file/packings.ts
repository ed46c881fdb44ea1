import { bunzip2, bzip2 } from "./bzip2.ts";
import { createByteSource } from "./byte-source.ts";
import { gunzip, gzip } from "./gzip.ts";
import { unzstd, zstd } from "./zstd.ts";

type Pieces = AsyncIterable<Uint8Array>;

interface Packing {
  /** What such a file's name ends with. */
  readonly ending: string;
  /** What such a file begins with. */
  readonly magic: readonly number[];
  readonly pack: (pieces: Pieces) => Pieces;
  readonly unpack: (pieces: Pieces) => Pieces;
}

const packings: readonly Packing[] = [
  { ending: ".gz", magic: [0x1f, 0x8b], pack: gzip, unpack: gunzip },
  { ending: ".bz2", magic: [0x42, 0x5a, 0x68], pack: bzip2, unpack: bunzip2 },
  { ending: ".zst", magic: [0x28, 0xb5, 0x2f, 0xfd], pack: zstd, unpack: unzstd },
];

const begins = (bytes: Uint8Array, magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte);

/** Unpacked, whatever it is packed with; what it begins with tells. */
export async function* unpacked(pieces: Pieces): AsyncGenerator<Uint8Array, void, undefined> {
  const source = createByteSource(pieces);
  try {
    const start = await source.peek(4);
    const packing = packings.find(({ magic }) => begins(start, magic));
    yield* packing === undefined ? source.rest() : packing.unpack(source.rest());
  } finally {
    await source.close();
  }
}

/** Packed as the name says: `.gz`, `.bz2`, `.zst`, or not at all. */
export const packedAs = (name: string, pieces: Pieces): Pieces =>
  packings.find(({ ending }) => name.endsWith(ending))?.pack(pieces) ?? pieces;

/** Whether bytes begin like an .i3 file, packed or not. */
export const seemsI3 = (start: Uint8Array): boolean =>
  begins(start, [0x5b, 0x69, 0x33, 0x5d]) || packings.some(({ magic }) => begins(start, magic));
