import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  createFrame,
  encodeEvent,
  openFrame,
  parseEvent,
  parseFrame,
  parsePickle,
  pickleFrame,
  readGeometryCsv,
  readPulseMap,
  readPulseMask,
  readSuperDst,
  writeFrame,
  writePulseMap,
  writePulseMask,
} from "../src/index.ts";
import { ArchiveWriter } from "../src/frame/archive-writer.ts";

// A few bytes that ask for a lot of memory or time: refused before either is spent.

const tooLarge = expect.objectContaining({ name: "IceCubeError", code: "too-large" }) as Error;
const garbled = expect.objectContaining({ name: "IceCubeError", code: "garbled" }) as Error;
const pulses = (count: number) => Array.from({ length: count }, () => [0, 1, 8, 4] as const);
const packed = (stream: string, bytes: number): [string, string] => {
  const frame = createFrame(stream, [{ key: "zeros", typeName: "x", blob: new Uint8Array(bytes) }]);
  return [stream, deflateSync(pickleFrame(writeFrame(frame), "python2")).toString("base64")];
};

describe("refused as too large, not unpacked", () => {
  it("a frame of more than 32 MiB, and frames that are so large together", () => {
    expect(() => openFrame(packed("P", 33 * 2 ** 20))).toThrow(tooLarge);
    const frames = ["G", "C", "D", "Q", "P"].map((stream) => packed(stream, 8 * 2 ** 20));
    expect(() => parseEvent(Buffer.from(JSON.stringify({ value: { data: { frames } } })), "x")).toThrow(tooLarge);
  });

  it("a frame of more than 4,096 objects", () => {
    const objects = Array.from({ length: 4097 }, (_, k) => ({ key: `k${k}`, typeName: "x", blob: new Uint8Array(0) }));
    expect(() => parseFrame(writeFrame(createFrame("P", objects)))).toThrow(tooLarge);
  });

  it("more than 200,000 pulses, as a map, as a mask, or at two bytes each", () => {
    const dom = { string: 1, om: 1, pmt: 0 };
    expect(() => readPulseMap(writePulseMap([{ ...dom, pulses: pulses(200_001) }]))).toThrow(tooLarge);
    const bits = Array.from({ length: 8 * 30_000 }, () => true);
    expect(() => readPulseMask(writePulseMask({ source: "x", doms: [], pulses: [bits] }))).toThrow(tooLarge);
    const dst = new ArchiveWriter("I3SuperDST", 1);
    dst
      .plain("vector<stamp>")
      .plain("SizeCodec")
      .bytes.u8(251)
      .u32(200_001)
      .bytes(new Uint8Array(2 * 200_001));
    expect(() => readSuperDst(dst.finish())).toThrow(tooLarge);
  });

  it("bytes that a pickle refers to again and again", () => {
    const head = Buffer.from("\x80\x02](B\x00\x00\x10\x00", "latin1");
    const bytes = Buffer.concat([
      head,
      Buffer.alloc(2 ** 20),
      Buffer.from("q\x00"),
      Buffer.from("h\x00".repeat(100)),
      Buffer.from("e."),
    ]);
    expect(() => parsePickle(bytes)).toThrow(tooLarge);
  });

  it("a geometry table that never ends", async () => {
    await expect(readGeometryCsv("/dev/zero")).rejects.toThrow(expect.objectContaining({ name: "IceCubeError" }) as Error);
  });
});

describe("JSON that breaks off is refused after one pass", () => {
  const whole = encodeEvent({
    runId: 1, eventId: 2, eventType: "EHE", start: { year: 2020, tenthsOfNs: 0n }, durationNs: 1,
    doms: [{ string: 1, om: 1, pmt: 0, pulses: [[0, 1, 1, 4]] }],
  }); // prettier-ignore

  it.each([
    ["in a text with many quotes in it", `{"n": NaN, "s": "${'\\"'.repeat(500_000)}`],
    ["behind a backslash", `{"n": NaN, "s": "${'\\"'.repeat(500_000)}\\`],
    ["behind a text of megabytes", `[NaN, "${"x".repeat(16_000_000)}"`],
  ])("%s", (_, text) => {
    const startMs = performance.now();
    expect(() => parseEvent(Buffer.from(text), "x")).toThrow(garbled);
    // Two passes over it would take minutes.
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  it("also the event's own", () => {
    for (let length = 0; length < whole.length; length += 97)
      expect(() => parseEvent(whole.subarray(0, length), "x")).toThrow(garbled);
  });
});
