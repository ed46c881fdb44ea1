import { dataMissing } from "@skyscan/testing";
import { describe, expect, it } from "vitest";
import { deflateSync } from "node:zlib";
import {
  IceCubeError,
  encodeEvent,
  parseEvent,
  parseFrame,
  writeFrame,
  createFrame,
  pickleFrame,
  type JsonObject,
} from "../src/index.ts";
import {
  resolvePulses,
  writePulseMask,
  readSuperDst,
  readPulseMap,
  readPulseMask,
  readTimeWindowMap,
  frameObject,
} from "../src/index.ts";
import { eventBytes, eventFiles } from "./real-files.ts";

/** A small seeded generator, so that a failure can be had again. */
function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = Buffer.from(bytes);
  switch (random(4)) {
    case 0:
      return copy.subarray(0, random(copy.length));
    case 1: {
      const from = random(copy.length);
      return Buffer.concat([copy.subarray(0, from), copy.subarray(Math.min(copy.length, from + 1 + random(40)))]);
    }
    default:
      for (let i = 1 + random(8); i > 0; i--) copy[random(copy.length)] = [0, 0xff, 0x7f, 0x80, random(256)][random(5)]!;
      return copy;
  }
}

/** Either a value or an IceCubeError; anything else fails the test. */
function survives(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (!(error instanceof IceCubeError)) throw error;
    return false;
  }
}

const pack = (frame: Uint8Array): string => deflateSync(pickleFrame(frame, "python2")).toString("base64");
const message = (frames: unknown): Uint8Array => Buffer.from(JSON.stringify({ value: { data: frames } }));
const emptyFrame = (stream: string): [string, string] => [stream, pack(writeFrame({ stream, objects: [] }))];

describe("files that are no events", () => {
  it.each([
    ["nothing", "", "garbled", /no valid JSON/],
    ["text", "hello", "garbled", /no valid JSON/],
    ["another JSON", '{"a":1}', "missing", /the message has no `value` \(it has a\)/],
    ["no frames", '{"value":{"data":{"run_id":1}}}', "missing", /no `frames`/],
    ["four frames", '{"value":{"data":[1,2,3,4]}}', "garbled", /five pairs.*there are 4/],
    [
      "frames in another order",
      JSON.stringify({ value: { data: ["C", "G", "D", "Q", "P"].map((s) => [s, ""]) } }),
      "garbled",
      /item 0 is "C"/,
    ],
    [
      "no base64",
      JSON.stringify({ value: { data: ["G", "C", "D", "Q", "P"].map((s) => [s, "%%"]) } }),
      "garbled",
      /frame G: .*base64/,
    ],
  ])("%s: the error says so and names the file", (_, text, code, pattern) => {
    const parse = (): unknown => parseEvent(Buffer.from(text), "my-file.json");
    expect(parse).toThrow(expect.objectContaining({ code }) as Error);
    expect(parse).toThrow(pattern);
    expect(parse).toThrow(/^my-file\.json: /);
  });

  it.each([
    ["a zip", [0x50, 0x4b, 3, 4, 0xff], /it is no event file.*JSON or a pickle.*a zip or npz$/],
    ["something gzipped", [0x1f, 0x8b, 8, 0], /it is no event file.*gzipped: .*event convert/],
    ["an i3 archive", [0x5b, 0x69, 0x33, 0x5d, 0xff, 0xfe], /it is no event file.*it is an \.i3 file: .*event convert/],
  ])("%s: the error says what it seems to be", (_, bytes, pattern) => {
    expect(() => parseEvent(Uint8Array.from(bytes), "my-file")).toThrow(pattern);
  });

  it("a frame that unpacks to too much is refused before it is unpacked", () => {
    const bomb = deflateSync(Buffer.alloc(80 * 1024 * 1024)).toString("base64");
    expect(() => parseEvent(message([["G", bomb], ...["C", "D", "Q", "P"].map(emptyFrame)]), "bomb")).toThrow(
      expect.objectContaining({ code: "too-large", message: expect.stringContaining("frame G") }) as Error,
    );
  });

  it("a P frame without header, a changed checksum, a frame under another letter", () => {
    const frames = ["G", "C", "D", "Q", "P"].map(emptyFrame);
    expect(() => parseEvent(message(frames), "empty")).toThrow(/frame P has no I3EventHeader; it has nothing/);
    const broken = writeFrame({ stream: "C", objects: [] });
    broken[broken.length - 1]! ^= 1;
    expect(() => parseEvent(message([frames[0], ["C", pack(broken)], ...frames.slice(2)]), "x")).toThrow(/x: frame C: checksum/);
    expect(() => parseEvent(message([frames[0], ["C", frames[0]![1]], ...frames.slice(2)]), "x")).toThrow(/announced as C/);
  });

  it("masks that refer to each other end in an error", () => {
    const mask = (source: string): Uint8Array => writePulseMask({ source, doms: [], pulses: [] });
    const frame = createFrame("P", [
      { key: "A", typeName: "I3RecoPulseSeriesMapMask", blob: mask("B") },
      { key: "B", typeName: "I3RecoPulseSeriesMapMask", blob: mask("A") },
    ]);
    expect(() => resolvePulses([frame], "A")).toThrow(/refer to each other/);
  });

  it("JSON with Python's NaN is read", () => {
    const text = Buffer.from(encodeEvent({
      runId: 1, eventId: 2, eventType: "EHE", start: { year: 2020, tenthsOfNs: 0n }, durationNs: 1,
      doms: [{ string: 1, om: 1, pmt: 0, pulses: [[0, 1, 1, 4]] }],
    })).toString(); // prettier-ignore
    const event = parseEvent(Buffer.from(text.replace('"nch":1', '"nch":NaN,"NaN":"Infinity"')), "nan");
    expect(event.summary).toMatchObject({ nch: null, NaN: "Infinity" } satisfies JsonObject);
  });
});

describe.skipIf(dataMissing !== undefined)("damaged real files", () => {
  it.each(eventFiles)("%s: whatever is changed, the answer is an event or an IceCubeError", (file) => {
    const original = eventBytes(file);
    const random = createRandom(20240601);
    for (let i = 0; i < 60; i++) survives(() => parseEvent(mutate(original, random), file));
  });

  it("damaged frames and archives, checksums mended, are values or IceCubeErrors", () => {
    const random = createRandom(7);
    let refused = 0;
    for (const file of eventFiles) {
      const { frames } = parseEvent(eventBytes(file), file);
      const [geometry, , , daq, physics] = frames.map(({ frame }) => frame);
      const small = [geometry!, physics!, { ...daq!, objects: daq!.objects.filter(({ key }) => key !== "I3DAQData") }];
      for (let i = 0; i < 150; i++) {
        const damaged = small.map((frame) => ({
          ...frame,
          objects: frame.objects.map((object) => (random(3) === 0 ? { ...object, blob: mutate(object.blob, random) } : object)),
        }));
        const [g, p, q] = damaged.map((frame): [string, string] => [frame.stream, pack(writeFrame(frame))]);
        if (!survives(() => parseEvent(message([g, emptyFrame("C"), emptyFrame("D"), q, p]), file))) refused++;
        survives(() => parseFrame(mutate(writeFrame(small[i % 3]!), random)));
      }
      for (const [key, read] of [
        ["I3SuperDST", readSuperDst],
        ["InIceDSTPulses", readPulseMask],
        ["CalibrationErrata", readTimeWindowMap],
        ["UncleanedInIcePulses", readPulseMap],
      ] as const) {
        const blob = frameObject(daq!, key)?.blob;
        if (blob !== undefined) for (let i = 0; i < 300; i++) survives(() => read(mutate(blob, random)));
      }
    }
    expect(refused).toBeGreaterThan(300);
  });
});
