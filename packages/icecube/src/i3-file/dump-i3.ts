import { describeFrame } from "../event/dump-frames.ts";
import { readI3File } from "./read-i3-file.ts";

/** The lines of `event dump` for an .i3 file, frame by frame as they are read. @throws IceCubeError */
export async function* describeI3File(path: string): AsyncGenerator<string, void, undefined> {
  for await (const { number, offset, byteLength, frame } of readI3File(path)) {
    const objects = frame.objects.map(({ key, typeName, blob }) => ({ key, typeName, byteLength: blob.length }));
    yield* describeFrame({ stream: frame.stream, byteLength, objects }, `number ${number} at offset ${offset}`);
  }
}
