import { describe, expect, test } from "vitest";
import { createLineSplitter, maxLineBytes } from "../src/process/lines.ts";
import { parseRecoLine, readyProblem, startLine, unitLine } from "../src/runner/reco-lines.ts";
import { createTextTail } from "../src/process/text-tail.ts";
import { unitOf } from "./fixture-reco.ts";

function split(...chunks: readonly Buffer[]): { readonly lines: string[]; readonly broken: string[] } {
  const lines: string[] = [];
  const broken: string[] = [];
  const splitter = createLineSplitter({ line: (text) => lines.push(text), broken: (why) => broken.push(why) });
  for (const chunk of chunks) splitter.push(chunk);
  return { lines, broken };
}

describe("cutting lines", () => {
  test("puts lines together that come in pieces, also within a character, and keeps back an unterminated one", () => {
    const bytes = Buffer.from("één\ntwo\n\nthree");
    const pieces = [...bytes].map((byte) => Buffer.from([byte]));
    expect(split(...pieces)).toEqual({ lines: ["één", "two", ""], broken: [] });
    expect(split(bytes).lines).toEqual(["één", "two", ""]);
  });

  test("takes a line of 8 MiB and refuses a longer one, terminated or not", () => {
    const full = Buffer.alloc(maxLineBytes, "a");
    expect(split(full, Buffer.from("\n")).lines[0]).toHaveLength(maxLineBytes);
    expect(split(full, Buffer.from("a")).broken).toEqual([expect.stringContaining("longer than")]);
    expect(split(Buffer.concat([full, Buffer.from("a\n")])).broken).toHaveLength(1);
  });

  test("refuses what is not UTF-8 and gives out nothing after that", () => {
    expect(split(Buffer.from([0x61, 0xff, 0x0a]), Buffer.from("b\n"))).toEqual({ lines: [], broken: ["a line is not UTF-8"] });
  });
});

describe("what a reco says", () => {
  test("a result needs type, unit and llh; the other keys default to null and unknown ones are ignored", () => {
    expect(parseRecoLine('{"llh":1.5,"unit":"a","type":"result","xM":2,"extra":{}}')).toEqual({
      type: "result",
      unit: "a",
      result: { llh: 1.5, eInGeV: null, eTotGeV: null, xM: 2, yM: null, zM: null, timeNs: null },
    });
    expect(parseRecoLine('{"type":"result","unit":"a","llh":null}')).toMatchObject({ result: { llh: null } });
  });

  test("a ready that says anything else than text, nested without end, is only not the right one", () => {
    const deep = `${"[".repeat(1e5)}${"]".repeat(1e5)}`;
    for (const name of [deep, "{}", "7", "null"]) {
      const ready = parseRecoLine(`{"type":"ready","protocol":1,"name":${name},"version":"1"}`);
      if (ready.type !== "ready") throw new Error("it is one");
      expect(readyProblem(ready, { name: "a", version: "1" })).toMatch(/its ready says name .*, not "a"/);
    }
  });

  test("an error may be tried again unless it says otherwise", () => {
    const error = { type: "error", unit: "a", code: "fit-failed", message: "m" };
    expect(parseRecoLine(JSON.stringify(error))).toEqual({ ...error, retry: true });
    expect(parseRecoLine(JSON.stringify({ ...error, retry: false }))).toMatchObject({ retry: false });
  });

  test.each([
    "",
    "hello",
    "[]",
    "null",
    '{"type":"result","unit":"a","llh":NaN}',
    '{"type":"result","unit":"a","llh":-Infinity}',
    '{"type":"result","unit":"a","llh":1e999}',
    '{"type":"result","unit":"a","llh":"1"}',
    '{"type":"result","unit":"a"}',
    '{"type":"result","unit":1,"llh":1}',
    '{"type":"result","llh":1}',
    '{"type":"result","unit":"a","llh":1,"xM":"2"}',
    '{"type":"result","unit":"a","llh":1,"timeNs":[]}',
    '{"type":"error","unit":"a","code":"crashed","message":"only the engine says that"}',
    '{"type":"error","unit":"a","code":"internal"}',
    '{"type":"error","unit":"a","code":"internal","message":"m","retry":"no"}',
    '{"type":"progress","unit":"a","fraction":"half"}',
    '{"type":"hello","unit":"a"}',
    '{"unit":"a","llh":1}',
  ])("%s is a protocol error", (line) => {
    expect(parseRecoLine(line).type).toBe("bad");
  });
});

describe("what the engine says", () => {
  test("start and unit lines have the keys of the protocol", () => {
    expect(JSON.parse(startLine({ startup: "/s", slot: 2, scratch: "/d" }))).toEqual({
      type: "start",
      protocol: 1,
      startup: "/s",
      slot: 2,
      scratch: "/d",
    });
    const line = unitLine(unitOf(22946, 2), 1800);
    expect(line.endsWith("}\n")).toBe(true);
    expect(JSON.parse(line)).toEqual({
      type: "unit",
      unit: "8/22946/0",
      nside: 8,
      pixel: 22946,
      posvar: 0,
      direction: { zenithRad: 1.2, azimuthRad: 3.4, raRad: 0.5, decRad: 0.6 },
      seed: { xM: 1, yM: 2, zM: -300, timeNs: 9876.5, energyGeV: null },
      fallbackSeed: null,
      attempt: 2,
      timeLimitSec: 1800,
    });
  });

  test("numbers that are not finite go out as null, the others to the last bit", () => {
    const { payload, ...unit } = unitOf(1);
    const seed = { xM: NaN, yM: Infinity, zM: 0.1 + 0.2, timeNs: 1e-300, energyGeV: null };
    const sent = JSON.parse(unitLine({ ...unit, payload: { ...payload, seed } }, 1)) as { seed: unknown };
    expect(sent.seed).toEqual({ xM: null, yM: null, zM: 0.30000000000000004, timeNs: 1e-300, energyGeV: null });
  });
});

test("the tail of a log is its last 64 KiB, in whole characters", () => {
  const tail = createTextTail();
  for (let index = 0; index < 3000; index += 1) tail.add(Buffer.from(`${index} ${"é".repeat(50)}\n`));
  expect(Buffer.byteLength(tail.text())).toBeLessThanOrEqual(64 * 1024);
  expect(Buffer.byteLength(tail.text())).toBeGreaterThan(64 * 1024 - 4);
  expect(tail.text().endsWith(`2999 ${"é".repeat(50)}\n`)).toBe(true);
  expect(tail.text()).not.toContain("\uFFFD");
});
