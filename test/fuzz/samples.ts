import { readFileSync } from "node:fs";
import { deflateSync, inflateSync } from "node:zlib";
import { encodeEvent, hexagon, packedFrames, parseEvent } from "@skyscan/icecube";
import type { JsonValue } from "@skyscan/icecube";
import { simulateTrack } from "@skyscan/simulation";
import { dataMissing, dataPath } from "@skyscan/testing";

/** Real files, where they are on this machine; the corpus is made without them otherwise. */
export const realFiles = (...relative: readonly string[]): Uint8Array[] =>
  dataMissing === undefined ? relative.map((path) => readFileSync(dataPath(path))) : [];

export const text = (words: string): Uint8Array => Buffer.from(words);

let simulated: Uint8Array | undefined;
/** A small simulated event file. */
export function simulatedEvent(): Uint8Array {
  simulated ??= encodeEvent(
    simulateTrack({
      seed: 7,
      geometry: hexagon({ rings: 2, stringSpacingM: 125, modulesPerString: 20, moduleSpacingM: 17 }),
      minSignalDoms: 10,
    }).event,
  );
  return simulated;
}

const realEvents = ["event_HESE_2017-11-28.json", "hese_event_01.json"].map((name) => `events/${name}`);
/** Event files in JSON, small ones first. */
export const eventFiles = (): Uint8Array[] => [simulatedEvent(), ...realFiles(...realEvents)];
/** The realtime message with its frames in a Python pickle. */
export const pickledEvents = (): Uint8Array[] => realFiles("events/run00136662-evt000035405932-BRONZE.pkl");

/** The pickles of the frames of every event there is. */
export const framePickles = (): Uint8Array[] =>
  [...eventFiles(), ...pickledEvents()].flatMap((file) =>
    packedFrames(parseEvent(file, "sample").packedFrames as unknown as JsonValue).map(([, base64]) =>
      inflateSync(Buffer.from(base64, "base64")),
    ),
  );

/** A zlib stream that unpacks to so many bytes, made of few. */
export const zlibBomb = (bytes: number, start: Uint8Array = Buffer.alloc(0)): Uint8Array =>
  deflateSync(Buffer.concat([start, Buffer.alloc(bytes)]), { level: 9 });
