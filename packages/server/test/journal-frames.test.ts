import { describe, expect, test } from "vitest";
import { crc32c } from "@skyscan/icecube";
import { createFrameReader, frame } from "../src/journal/frames.ts";
import type { FrameScan } from "../src/journal/frames.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const payloads = ["first", "", "the second, longer one", "x".repeat(5000), "last"];
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const framed = (...words: readonly string[]): Uint8Array => joined(...words.map((word) => frame(text(word))));

function read(bytes: Uint8Array, chunk = bytes.length + 1): { found: string[]; scan: FrameScan } {
  const found: string[] = [];
  const reader = createFrameReader((payload) => void found.push(new TextDecoder().decode(payload)));
  for (let at = 0; at < bytes.length; at += chunk) reader.push(bytes.slice(at, at + chunk));
  return { found, scan: reader.end() };
}

test("crc32c is that of RFC 3720", () => {
  expect(crc32c(text("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

test("a record is magic, length, checksum, payload", () => {
  expect(Buffer.from(frame(text("123456789"))).toString("hex")).toBe("534b594a" + "09000000" + "839206e3" + "313233343536373839");
});

describe("reading", () => {
  test.each([1, 2, 3, 7, 11, 12, 13, 64, 4096, 1e6])("gives every payload in order, in chunks of %i bytes", (chunk) => {
    const bytes = framed(...payloads);
    expect(read(bytes, chunk)).toEqual({ found: payloads, scan: { goodBytes: bytes.length, damagedStretches: 0 } });
  });

  test("of nothing is nothing", () => {
    expect(read(new Uint8Array(0))).toEqual({ found: [], scan: { goodBytes: 0, damagedStretches: 0 } });
  });

  test("a tail torn at any byte is found, and costs only its own record", () => {
    const whole = framed("one", "two");
    for (let cut = whole.length + 1; cut < whole.length + 12 + 5; cut += 1) {
      const torn = framed("one", "two", "three").slice(0, cut);
      expect(read(torn, 8)).toEqual({ found: ["one", "two"], scan: { goodBytes: whole.length, damagedStretches: 0 } });
    }
  });

  test("a tail of zeros, as a file system may leave it, is torn off", () => {
    const whole = framed("one");
    expect(read(joined(whole, new Uint8Array(4096)), 100)).toEqual({
      found: ["one"],
      scan: { goodBytes: whole.length, damagedStretches: 0 },
    });
  });

  test("any one byte that is wrong in the middle costs that record only, whichever part of it", () => {
    const before = framed("one");
    const length = frame(text("two")).length;
    for (let at = before.length; at < before.length + length; at += 1) {
      const bytes = framed("one", "two", "three", "four");
      bytes[at] = bytes[at]! ^ 0x41;
      for (const chunk of [5, 1000]) {
        expect(read(bytes, chunk)).toEqual({
          found: ["one", "three", "four"],
          scan: { goodBytes: bytes.length, damagedStretches: 1 },
        });
      }
    }
  });

  test("bytes that were lost or put between are skipped up to the next record", () => {
    const lost = joined(framed("one"), framed("two").slice(3), framed("three"));
    expect(read(lost).found).toEqual(["one", "three"]);
    const between = joined(framed("one"), text("garbage SKYJ garbage"), framed("two"), new Uint8Array(512), framed("three"));
    expect(read(between)).toEqual({ found: ["one", "two", "three"], scan: { goodBytes: between.length, damagedStretches: 2 } });
  });

  test("heads that announce large payloads, one in the other, cost one pass and a bounded number of checksums", () => {
    const head = Buffer.from(frame(new Uint8Array(0)));
    head.writeUInt32LE(1_000_000, 4);
    const heads = joined(Buffer.alloc(1_200_000, head), new Uint8Array(1_000_000), framed("behind"));
    const startMs = performance.now();
    expect(read(heads)).toEqual({ found: ["behind"], scan: { goodBytes: heads.length, damagedStretches: 1 } });
    // All of them would be a hundred gigabytes.
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });

  test("a record inside a payload is not taken for one while all is well", () => {
    const bytes = joined(frame(framed("inner")), framed("outer"));
    expect(read(bytes).found).toHaveLength(2);
  });
});
