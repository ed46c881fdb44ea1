import { pack } from "msgpackr";
import { describe, expect, test } from "vitest";
import { JournalRecordError, decodeRecord, encodeRecord } from "../src/journal/records.ts";
import type { JournalRecord } from "../src/journal/records.ts";
import { failureOf, planOf, unit } from "./stand-ins.ts";

const records: JournalRecord[] = [
  {
    type: "header",
    journalVersion: 1,
    scanId: "scan-1",
    digest: "ab",
    settings: { nsides: "8:0", seed: null, options: { hits: "srt" } },
  },
  { type: "run", run: 7, host: "host", pid: 123 },
  planOf(512, [0, 1, 3_145_727], { nside: 64, pixel: 22946 }),
  planOf(2 ** 24, [12 * 4 ** 24 - 1]),
  planOf(8, []),
  {
    type: "result",
    nside: 2 ** 24,
    pixel: 12 * 4 ** 24 - 1,
    posvar: 65_535,
    values: { llh: 1117.75, eIn: NaN, eTot: Infinity, x: -0, y: 5e-324, z: Number.MAX_VALUE, t: 9870.1 },
    runtimeSec: 0.125,
  },
  { ...failureOf(unit(8, 767, 6), 3), message: "no minimum\nin 200 steps – ünïcode", stderrTail: "x".repeat(2000), retry: false },
  { type: "gave-up", ...unit(64, 22946), code: "timed-out", message: "" },
  { type: "dead", ...unit(1, 0) },
  { type: "lost", ...unit(1, 0), worker: "w-1" },
  { type: "end", status: 0 },
];

describe("a record's bytes give the record back, to the last bit", () => {
  test.each(records.map((record) => [record.type, record] as const))("%s", (_, record) => {
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
  });

  test("also out of the middle of a larger buffer, at any alignment", () => {
    for (const record of records) {
      for (const offset of [1, 2, 3, 8]) {
        const bytes = encodeRecord(record);
        const larger = new Uint8Array(bytes.length + 16);
        larger.set(bytes, offset);
        expect(decodeRecord(larger.subarray(offset, offset + bytes.length))).toEqual(record);
      }
    }
  });
});

test("a result takes 79 bytes, so that a million fits are 91 MB with their frames", () => {
  expect(encodeRecord(records.find((record) => record.type === "result")!)).toHaveLength(79);
});

test.each([[new Uint8Array([9, 1, 2])], [new Uint8Array(0)], [new Uint8Array([1, 2, 3])]])(
  "a payload of an unknown layout throws",
  (payload) => {
    expect(() => decodeRecord(payload)).toThrow(/unknown kind/);
  },
);

test.each([
  ["nothing", null],
  ["another type", { type: "later" }],
  ["a plan of more pixels than there are", { type: "plan", nside: 1, run: [0, 13] }],
  ["a plan that asks for petabytes", { type: "plan", nside: 2 ** 24, run: [0, 1e15] }],
  ["a plan that announces petabytes", { type: "plan", nside: 8, more: 1e15, run: [0, 1] }],
  ["a plan with a pixel twice", { type: "plan", nside: 1, pixels: new Uint8Array(16) }],
  ["a plan with half a pixel", { type: "plan", nside: 1, pixels: new Uint8Array(12) }],
  [
    "a plan with fewer sources than pixels",
    { type: "plan", nside: 1, run: [0, 2], sourceNsides: new Uint8Array(4), sourcePixels: new Uint8Array(8) },
  ],
  ["an nside that is none", { type: "dead", nside: 3, pixel: 0, posvar: 0 }],
  ["a text for a number", { type: "run", run: "1", host: "h", pid: 1 }],
])("a map with %s is no record", (_, map) => {
  expect(() => decodeRecord(Buffer.concat([Uint8Array.of(2), pack(map)]))).toThrow(JournalRecordError);
});
