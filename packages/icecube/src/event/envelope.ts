import { latin1, utf8 } from "../bytes/byte-reader.ts";
import { inflateBase64, maxFrameBytes } from "../bytes/compression.ts";
import { IceCubeError, within } from "../errors.ts";
import { parseFrame, type Frame } from "../frame/frame.ts";
import { unpickleFrame, type FramePickleSpelling } from "../frame/frame-pickle.ts";
import { parseJson, type JsonObject, type JsonValue } from "../json-value.ts";
import { parsePickle } from "../pickle/parse-pickle.ts";
import { PickleGlobal, PickleObject, PickleTuple, type PickleValue } from "../pickle/pickle-value.ts";

/** A frame as it travels: stream letter, and base64 of a zlib stream of a pickle of the frame. */
export type PackedFrame = readonly [stream: string, base64: string];

/** A frame of an event file, opened. */
export interface EventFrame {
  readonly frame: Frame;
  readonly spelling: FramePickleSpelling;
  /** Size of the frame itself, unpacked. */
  readonly byteLength: number;
}

/** What an event file holds, before the frames are looked into. */
export interface Envelope {
  readonly packed: readonly PackedFrame[];
  /** `value.version` of newer files, for instance `2021a`. */
  readonly version: string | undefined;
  /** `value.data` of newer files without the frames: run and event id, charges, summary of the realtime fits. */
  readonly summary: JsonObject | undefined;
}

const streams = ["G", "C", "D", "Q", "P"];

/**
 * Opens an IceCube realtime message: JSON, or a Python pickle (protocol 2-4) of the same; which of both is told by the first byte.
 * `value.data` is the list of the five frames G C D Q P, or an object with that list as `frames`.
 * @throws IceCubeError
 */
export function openEnvelope(bytes: Uint8Array): Envelope {
  const message = bytes[0] === 0x80 ? plainData(parsePickle(bytes)) : parseJson(textOf(bytes));
  const value = member(message, "value", "the message");
  const data = member(value, "data", "`value`");
  const list = Array.isArray(data) ? data : member(data, "frames", "`value.data`");
  const version = isObject(value) ? value["version"] : undefined;
  let summary: JsonObject | undefined;
  if (isObject(data)) {
    const { frames: _frames, ...rest } = data;
    summary = rest;
  }
  return { packed: packedFrames(list), version: typeof version === "string" ? version : undefined, summary };
}

/** @throws IceCubeError that names what the file may be instead: results and i3 archives lie beside event files. */
function textOf(bytes: Uint8Array): string {
  try {
    return utf8(withoutByteOrderMark(bytes));
  } catch (cause) {
    const begin = String.fromCharCode(...bytes.subarray(0, 4));
    const convert = "`skyscan event convert GCD.i3 FILE` makes event files of it";
    const seems = begin.startsWith("PK")
      ? "; it seems to be a zip or npz"
      : begin.startsWith("[i3]")
        ? `; it is an .i3 file: ${convert}`
        : begin.startsWith("BZh") || begin === "(\u00b5/\u00fd"
          ? `; it seems to be packed: if it is an .i3 file, ${convert}`
          : begin.startsWith("\u001f\u008b")
            ? `; it seems to be gzipped: if it is an .i3 file, ${convert}`
            : "";
    throw new IceCubeError("garbled", `it is no event file, which is JSON or a pickle of the realtime message${seems}`, {
      cause,
    });
  }
}

function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/**
 * The list `[["G", base64], …]` of an event file or of `GCDQp_packet.frames` of a startup file.
 * @throws IceCubeError `garbled` unless there are the five frames G C D Q P (or p)
 */
export function packedFrames(list: JsonValue): PackedFrame[] {
  const shape = "the frames must be five pairs [letter, base64] with the letters G, C, D, Q, P";
  if (!Array.isArray(list) || list.length !== streams.length) {
    throw new IceCubeError("garbled", `${shape}; there ${Array.isArray(list) ? `are ${list.length}` : "is no list"}`);
  }
  return list.map((item, i) => {
    const [stream, base64] = Array.isArray(item) ? item : [];
    if (typeof stream !== "string" || typeof base64 !== "string" || (stream !== streams[i] && !(i === 4 && stream === "p"))) {
      throw new IceCubeError("garbled", `${shape}; item ${i} is ${typeof stream === "string" ? JSON.stringify(stream) : "none"}`);
    }
    return [stream, base64];
  });
}

/**
 * Unpacks one frame, of at most `maxBytes`.
 * @throws IceCubeError whose message begins with the frame's letter
 */
export function openFrame([stream, base64]: PackedFrame, maxBytes: number = maxFrameBytes): EventFrame {
  return within(`frame ${stream}`, () => {
    const { bytes, spelling } = unpickleFrame(inflateBase64(base64, maxBytes));
    const frame = parseFrame(bytes);
    if (frame.stream.toUpperCase() !== stream.toUpperCase()) {
      throw new IceCubeError(
        "garbled",
        `it is announced as ${stream}, but holds a frame of stream ${JSON.stringify(frame.stream)}`,
      );
    }
    return { frame, spelling, byteLength: bytes.length };
  });
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function member(value: JsonValue, key: string, of: string): JsonValue {
  if (!isObject(value) || !Object.hasOwn(value, key)) {
    const there = isObject(value) ? `it has ${Object.keys(value).slice(0, 20).join(", ") || "nothing"}` : "it is no object";
    throw new IceCubeError("missing", `no event message: ${of} has no \`${key}\` (${there})`);
  }
  return value[key]!;
}

/** Unpacks all frames, of at most {@link maxFrameBytes} together. @throws IceCubeError as {@link openFrame} */
export function openFrames(packed: readonly PackedFrame[]): EventFrame[] {
  let leftBytes = maxFrameBytes;
  return packed.map((one) => {
    const opened = openFrame(one, Math.max(1, leftBytes));
    leftBytes -= opened.byteLength;
    return opened;
  });
}

/** A pickle of plain data as JSON has it; the parser bounds depth and size, and gives a tree. */
function plainData(value: PickleValue): JsonValue {
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return latin1(value);
  if (Array.isArray(value)) return value.map(plainData);
  if (value instanceof PickleTuple) return value.items.map(plainData);
  if (value instanceof PickleGlobal || value instanceof PickleObject) {
    throw new IceCubeError(
      "unsupported",
      `the message holds a Python object (${value instanceof PickleObject ? value.callable.toString() : value.toString()}), not plain data`,
    );
  }
  const result = Object.create(null) as JsonObject;
  for (const [key, item] of Object.entries(value)) result[key] = plainData(item);
  return result;
}
