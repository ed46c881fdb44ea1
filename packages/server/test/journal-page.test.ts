import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createFrameReader } from "../src/journal/frames.ts";
import { decodeRecord, encodeRecord } from "../src/journal/records.ts";
import type { JournalRecord } from "../src/journal/records.ts";

// docs/protocol.md is what people read journals from without this code.

const page = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");
const unit = { nside: 8, pixel: 340, posvar: 0 };
const records: readonly Exclude<JournalRecord, { type: "result" }>[] = [
  { type: "header", journalVersion: 1, scanId: "s", digest: "d", settings: {} },
  { type: "run", run: 1, host: "h", pid: 1 },
  {
    type: "plan",
    nside: 8,
    pixels: Float64Array.of(340, 7),
    sourceNsides: Uint32Array.of(4, 4),
    sourcePixels: Float64Array.of(1, 2),
    more: 3,
  },
  {
    type: "failure",
    ...unit,
    attempt: 1,
    host: "h",
    worker: "w",
    code: "crashed",
    message: "m",
    retry: true,
    stderrTail: "",
  },
  { type: "gave-up", ...unit, code: "crashed", message: "m" },
  { type: "dead", ...unit },
  { type: "lost", ...unit, worker: "w" },
  { type: "sent-away", host: "h", worker: "w", why: "5 failures in a row" },
  { type: "worker", index: 0, worker: "w", host: "h" },
  { type: "end", status: 0 },
];

test("the bytes on the page are the record that it says", () => {
  const hex = /```journal result\n(.*?)```/s.exec(page)![1]!.replaceAll(/\s/g, "");
  const found: JournalRecord[] = [];
  const reader = createFrameReader((payload) => found.push(decodeRecord(payload)));
  reader.push(Buffer.from(hex, "hex"));
  expect(reader.end()).toEqual({ goodBytes: hex.length / 2, damagedStretches: 0 });
  expect(found).toMatchObject([{ type: "result", ...unit, values: { llh: 946.5, eIn: NaN, t: 32474.5 }, runtimeSec: 0.25 }]);
});

test.each(records)("the page has a row for $type, with every key", (record) => {
  const row = page.split("\n").find((line) => line.startsWith(`| \`${record.type}\` | `) && !line.includes("leaves at once"));
  const { type: _, ...rest } = record;
  expect(Object.keys(rest).filter((key) => row?.includes(`\`${key}\``) !== true)).toEqual([]);
  expect(encodeRecord(record)[0]).toBe(2);
});
