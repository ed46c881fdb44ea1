import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { writeFrame, type Frame } from "../frame/frame.ts";
import { writeWholeFile } from "../whole-file.ts";
import { packedAs } from "./packings.ts";

/**
 * Writes frames into an .i3 file, packed as its name says (`.i3`, `.i3.gz`, `.i3.bz2`, `.i3.zst`), under a temporary name that is renamed at
 * the end. Holds one frame at a time.
 * @throws IceCubeError `io`, `unsupported` (bzip2 without that program)
 */
export async function writeI3File(path: string, frames: Iterable<Frame> | AsyncIterable<Frame>): Promise<void> {
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const frame of frames) yield writeFrame(frame);
  }
  await writeWholeFile(path, (temporary) =>
    pipeline(Readable.from(packedAs(path, pieces()), { objectMode: false }), createWriteStream(temporary, { flags: "wx" })),
  );
}
