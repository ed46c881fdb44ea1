import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { ProtocolError, decodeControl, decodeReply, decodeWork, decodeWorkers } from "../src/index.ts";
import { checkShape, maxDepth, maxValues } from "../src/message-shape.ts";

const megabyte = 1024 * 1024;
const packr = new Packr({ useRecords: false, mapsAsObjects: true, moreTypes: false });

/** What is said about the bytes, and how long that took: of the clock, or of a processor when the machine is busy with other things. */
function refusalOf(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown = decodeReply): { code: string; ms: number } {
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  const ms = (): number => {
    const { user, system } = process.cpuUsage(startCpu);
    return Math.min(performance.now() - startMs, (user + system) / 1000);
  };
  try {
    read(bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { code: error.code, ms: ms() };
  }
  return { code: "taken", ms: ms() };
}

const header = (marker: number, count: number): Uint8Array =>
  Uint8Array.of(marker, count >>> 24, (count >>> 16) & 255, (count >>> 8) & 255, count & 255);
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const nested = (depth: number): Uint8Array => joined(new Uint8Array(depth).fill(0x91), Uint8Array.of(0xc0));

describe("a bomb is refused before it is decoded, fast, whoever reads it", () => {
  const lists = new Uint8Array(megabyte).fill(0x91);
  const bombs: readonly (readonly [string, Uint8Array, string])[] = [
    ["a megabyte of lists in lists", lists, "too-large"],
    ["a megabyte of maps in maps", new Uint8Array(megabyte).map((_, at) => (at % 2 === 0 ? 0x81 : 0xa0)), "too-large"],
    ["maps as keys of maps", new Uint8Array(megabyte).fill(0x81), "too-large"],
    ["seven million empty maps", joined(header(0xdd, 7_000_000), new Uint8Array(7_000_000).fill(0x80)), "too-large"],
    ["a list that claims four billion", header(0xdd, 0xffffffff), "garbled"],
    ["a map that claims two billion", header(0xdf, 0x7fffffff), "garbled"],
    ["a text that claims four gigabytes", header(0xdb, 0xffffffff), "garbled"],
    ["a list's claim larger than what is left", joined(header(0xdd, 12), new Uint8Array(11).fill(0xc0)), "garbled"],
  ];
  for (const [name, bytes, code] of bombs) {
    test(name, () => {
      for (const read of [decodeWork, decodeReply, decodeControl, decodeWorkers]) {
        const refusal = refusalOf(bytes, read);
        expect(refusal.code).toBe(code);
        // Undecoded: a decoder needs seconds for some of these.
        expect(refusal.ms).toBeLessThan(250);
      }
    });
  }
});

describe("what a decoder might make more of than data is garbled", () => {
  test.each([
    ["a record of the library's own", [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61]],
    ["a date", [...packr.pack(new Date(1e12))]],
    ["an unknown extension", [0xc7, 1, 5, 0]],
    ["the marker that stands for nothing", [0xc1]],
    ["one of these inside", [0x81, 0xa1, 0x61, 0xd4, 0x72, 0x40]],
  ])("%s", (_, bytes) => {
    expect(refusalOf(Uint8Array.from(bytes)).code).toBe("garbled");
  });
});

describe("plain data of any library passes as far as the limits go", () => {
  const pass = (bytes: Uint8Array): string => refusalOf(bytes, (all) => checkShape(all, "message")).code;

  test("every kind of value", () => {
    const values = [null, true, 0, 127, 128, 70_000, 2 ** 40, -1, -200, -70_000, 1.5, "", "ä".repeat(40), "x".repeat(70_000)];
    const all = { values, bin: new Uint8Array(300), long: Array.from({ length: 70_000 }, () => 1), deep: { a: { b: [[{}]] } } };
    expect(pass(packr.pack(all))).toBe("taken");
    for (const value of values) expect(pass(packr.pack(value))).toBe("taken");
  });

  test("to the last level and the last value, and no further", () => {
    expect(pass(nested(maxDepth))).toBe("taken");
    expect(pass(nested(maxDepth + 1))).toBe("too-large");
    const list = (count: number): Uint8Array => joined(header(0xdd, count), new Uint8Array(count).fill(0xc0));
    expect(pass(list(maxValues - 1))).toBe("taken");
    expect(pass(list(maxValues))).toBe("too-large");
  });

  test("not half a value, and not one and a half", () => {
    const whole = packr.pack({ a: [1, "text", 1.5] });
    for (let length = 0; length < whole.length; length += 1) expect(pass(whole.subarray(0, length))).toBe("garbled");
    expect(pass(joined(whole, Uint8Array.of(0xc0)))).toBe("garbled");
  });
});
