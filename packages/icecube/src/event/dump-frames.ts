import type { Event } from "./event.ts";
import type { FramePickleSpelling } from "../frame/frame-pickle.ts";

/** One frame as `event dump` shows it. */
export interface FrameDump {
  readonly stream: string;
  readonly byteLength: number;
  readonly spelling: FramePickleSpelling;
  readonly objects: readonly { readonly key: string; readonly typeName: string; readonly byteLength: number }[];
}

/** Frames, keys, types and sizes, in the order of the file. */
export function dumpFrames(event: Event): FrameDump[] {
  return event.frames.map(({ frame, byteLength, spelling }) => ({
    stream: frame.stream,
    byteLength,
    spelling,
    objects: frame.objects.map(({ key, typeName, blob }) => ({ key, typeName, byteLength: blob.length })),
  }));
}

/** The lines of `event dump`. */
export const describeFrames = (event: Event): string[] =>
  dumpFrames(event).flatMap((dump) => describeFrame(dump, `pickled by ${dump.spelling}`));

/** The lines of one frame; `note` ends the first. */
export function describeFrame({ stream, byteLength, objects }: Omit<FrameDump, "spelling">, note: string): string[] {
  const width = Math.max(0, ...objects.map(({ key }) => key.length));
  return [
    `frame ${stream}: ${objects.length} objects, ${byteLength} bytes, ${note}`,
    ...objects.map(({ key, typeName, byteLength: size }) => `  ${key.padEnd(width)}  ${String(size).padStart(8)}  ${typeName}`),
  ];
}
