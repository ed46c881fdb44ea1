import { deflateSync, inflateSync } from "node:zlib";
import {
  IceCubeError,
  decodePixelFrame,
  decodeRecoPixelVariation,
  defaultSeed,
  describeEvent,
  describeFrames,
  eventForReco,
  icecube86,
  openFrame,
  parseEvent,
  parseFrame,
  parsePickle,
  pickleFrame,
  resolvePulses,
  unpickleFrame,
  writeFrame,
} from "@skyscan/icecube";
import type { Frame } from "@skyscan/icecube";
import { frameChecksum } from "../../../packages/icecube/src/bytes/crc32c.ts";
import type { Draws } from "../draws.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { eventFiles, framePickles, pickledEvents, realFiles, simulatedEvent, text, zlibBomb } from "../samples.ts";
import type { Target } from "../target.ts";
import { eventBombs } from "./event-bombs.ts";
import { frameObjectTargets } from "./frame-objects.ts";
import { insideJson } from "../tree-codecs.ts";

/** All that the server and `event show` make of an event file. */
function useEvent(bytes: Uint8Array): void {
  const event = parseEvent(bytes, "event");
  describeEvent(event);
  describeFrames(event);
  const geometry = icecube86();
  JSON.stringify([eventForReco(event, geometry, true), defaultSeed(event, geometry), event.summary ?? null, event.alert ?? null]);
}

/** Frame bytes with one object's archive mutated, or the frame itself, its checksum made right. */
function insideFrame(bytes: Uint8Array, draws: Draws): Uint8Array {
  if (draws.chance(0.3)) {
    const mutated = Buffer.from(mutateBytes(bytes, draws, bytes));
    if (mutated.length >= 14) mutated.writeUInt32LE(frameChecksum(mutated.subarray(10, -4)), mutated.length - 4);
    return mutated;
  }
  const frame = parseFrame(bytes);
  if (frame.objects.length === 0) return bytes;
  const chosen = draws.pick(frame.objects);
  const other = draws.pick(frame.objects);
  const objects = frame.objects.map((object) =>
    object === chosen ? { ...object, blob: mutateBytes(object.blob, draws, other.blob) } : object,
  );
  return writeFrame({ ...frame, objects });
}

/** A base64 frame with its zlib stream, its pickle, its frame or one of its objects mutated. */
function insidePackedFrame(base64: string, draws: Draws): string {
  const packed = Buffer.from(base64, "base64");
  const close = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  if (draws.chance(0.1)) return close(mutateBytes(packed, draws, packed));
  // Bombs are mutated from outside.
  const pickle = inflateSync(packed, { maxOutputLength: 4 * 2 ** 20 });
  if (draws.chance(0.2)) return close(deflateSync(mutateBytes(pickle, draws, pickle), { level: 1 }));
  const { bytes, spelling } = unpickleFrame(pickle);
  return close(deflateSync(pickleFrame(insideFrame(bytes, draws), spelling), { level: 1 }));
}

interface Message {
  value?: { data?: { frames?: [string, string][] } | [string, string][] };
}

function insideEvent(sample: Uint8Array, draws: Draws): Uint8Array | undefined {
  if (draws.chance(0.2)) return insideJson(sample, draws);
  const message = JSON.parse(Buffer.from(sample).toString("utf8")) as Message;
  const data = message.value?.data;
  const frames = Array.isArray(data) ? data : data?.frames;
  // The last two frames hold what is read; some events hold little else.
  const frame = frames?.[draws.pick([0, 1, 2, 3, 3, 3, 4, 4, 4, 4])];
  if (frame === undefined) return undefined;
  frame[1] = insidePackedFrame(frame[1], draws);
  return Buffer.from(JSON.stringify(message));
}

function readAllPulses(frame: Frame): void {
  let read = 0;
  for (const { key } of frame.objects) {
    try {
      resolvePulses([frame], key);
      read++;
    } catch (error) {
      if (!(error instanceof IceCubeError)) throw error;
    }
  }
  if (read === 0) throw new IceCubeError("missing", "no pulses");
}

const manyBytesOfPickle = (): Uint8Array =>
  Buffer.concat([
    Buffer.from("\x80\x02]q\x00(B\x00\x00\x08\x00", "latin1"),
    Buffer.alloc(0x80000, 0xe9),
    Buffer.from("q\x01"),
    Buffer.from("h\x01".repeat(200_000)),
    Buffer.from("e."),
  ]);

export const eventTargets: readonly Target[] = [
  {
    name: "event-json",
    errors: [IceCubeError],
    corpus: () => [
      ...eventFiles(),
      text(`{"value": {"data": [["G", "x"]], "n": NaN, "s": "${'\\"'.repeat(60_000)}`),
      text(`[NaN, "${"x".repeat(900_000)}"]`),
    ],
    inside: insideEvent,
    parse: useEvent,
  },
  {
    name: "event-pickle",
    errors: [IceCubeError],
    corpus: () => [...pickledEvents(), manyBytesOfPickle(), text("\x80\x02}X\x05\x00\x00\x00valueNs.")],
    parse: useEvent,
  },
  {
    name: "pickle",
    errors: [IceCubeError],
    corpus: () => [
      ...framePickles(),
      ...realFiles("reco_pixel_single/splinempe/BRONZE/out.json").map((file) =>
        Buffer.from(
          (JSON.parse(Buffer.from(file).toString("utf8")) as { reco_pixel_variation_pkl_b64: string })
            .reco_pixel_variation_pkl_b64,
          "base64",
        ),
      ),
      Buffer.from(`\x80\x02${"]".repeat(1_000_000)}`, "latin1"),
      Buffer.from(`\x80\x02${"(".repeat(1_000_000)}`, "latin1"),
      Buffer.from(`\x80\x02${"(lq\x00".repeat(100)}${"(h\x00h\x00tq\x00".repeat(100)}.`, "latin1"),
      manyBytesOfPickle(),
    ],
    parse: (bytes) => parsePickle(bytes),
  },
  {
    name: "base64-zlib",
    errors: [IceCubeError],
    corpus: () => [
      ...(
        JSON.parse(Buffer.from(simulatedEvent()).toString("utf8")) as { value: { data: { frames: [string, string][] } } }
      ).value.data.frames.map(([, base64]) => text(base64)),
      ...[31, 33, 100].map((mebibytes) => text(Buffer.from(zlibBomb(mebibytes * 2 ** 20)).toString("base64"))),
    ],
    inside: (sample, draws) => {
      try {
        return text(insidePackedFrame(Buffer.from(sample).toString("latin1"), draws));
      } catch {
        return undefined;
      }
    },
    parse: (bytes) => openFrame(["P", Buffer.from(bytes).toString("latin1")]),
  },
  {
    name: "event-bombs",
    errors: [IceCubeError],
    corpus: eventBombs,
    inside: insideEvent,
    parse: useEvent,
  },
  {
    name: "i3-frame",
    errors: [IceCubeError],
    corpus: () => framePickles().map((pickle) => unpickleFrame(pickle).bytes),
    inside: insideFrame,
    parse: (bytes) => readAllPulses(parseFrame(bytes)),
  },
  ...frameObjectTargets,
  {
    name: "icetray-message",
    errors: [IceCubeError],
    corpus: () => {
      const files = ["in", "out"].flatMap((name) => realFiles(`reco_pixel_single/splinempe/BRONZE/${name}.json`));
      return files
        .flatMap((file) => Object.values(JSON.parse(Buffer.from(file).toString("utf8")) as Record<string, unknown>))
        .flatMap((value) => (typeof value === "string" ? [text(value)] : []));
    },
    inside: (sample, draws) => {
      const pickle = Buffer.from(Buffer.from(sample).toString("latin1"), "base64");
      return text(Buffer.from(mutateBytes(pickle, draws, pickle)).toString("base64"));
    },
    parse: (bytes) => {
      const base64 = Buffer.from(bytes).toString("latin1");
      try {
        return decodePixelFrame(base64);
      } catch (error) {
        if (!(error instanceof IceCubeError)) throw error;
        return decodeRecoPixelVariation(base64);
      }
    },
  },
];
