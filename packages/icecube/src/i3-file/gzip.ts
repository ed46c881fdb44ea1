import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { IceCubeError } from "../errors.ts";

type Pieces = AsyncGenerator<Uint8Array, void, undefined>;

async function* through(pieces: AsyncIterable<Uint8Array>, transform: Transform): Pieces {
  // What goes wrong destroys the transform, and is thrown where that is read.
  const feeding = pipeline(Readable.from(pieces, { objectMode: false }), transform).catch(() => undefined);
  try {
    yield* transform as AsyncIterable<Uint8Array>;
  } finally {
    transform.destroy();
    await feeding;
  }
}

export const gzip = (pieces: AsyncIterable<Uint8Array>): Pieces => through(pieces, createGzip());

/** @throws IceCubeError `truncated`, `garbled` */
export async function* gunzip(pieces: AsyncIterable<Uint8Array>): Pieces {
  try {
    yield* through(pieces, createGunzip());
  } catch (cause) {
    if (
      cause instanceof IceCubeError ||
      !(cause instanceof Error) ||
      !("code" in cause) ||
      !String(cause.code).startsWith("Z_")
    ) {
      throw cause;
    }
    if (cause.code === "Z_BUF_ERROR") throw new IceCubeError("truncated", "the gzip stream ends too early", { cause });
    throw new IceCubeError("garbled", `no valid gzip stream (${cause.message})`, { cause });
  }
}
