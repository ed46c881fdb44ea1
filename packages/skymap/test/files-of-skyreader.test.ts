import { readdirSync, readFileSync } from "node:fs";
import { dataMissing, dataPath } from "@skyscan/testing";
import { describe, expect, it } from "vitest";
import {
  bestFit,
  compareSkymaps,
  decodeJson,
  decodeNpz,
  defaultMaxBytes,
  encodeJson,
  encodeNpz,
  pixelTotal,
} from "../src/index.ts";
import { readZip } from "../src/files/zip-read.ts";

const fixture = (extension: string): Buffer =>
  readFileSync(new URL(`fixtures/run00136662.evt000035405932.neutrino_8_64_512.${extension}`, import.meta.url));

describe("files that skyreader wrote", () => {
  it("the npz is read and written again byte for byte, container and all", () => {
    expect(Buffer.compare(encodeNpz(decodeNpz(fixture("npz"))), fixture("npz"))).toBe(0);
  });

  it("the json is read and written again byte for byte", () => {
    expect(Buffer.from(encodeJson(decodeJson(fixture("json")))).toString()).toBe(fixture("json").toString());
  });

  it("npz and json hold the same result, and convert into one another byte for byte", () => {
    const npz = decodeNpz(fixture("npz"));
    const json = decodeJson(fixture("json"));
    expect(npz).toEqual(json);
    expect(Buffer.compare(encodeJson(npz), fixture("json"))).toBe(0);
    expect(Buffer.compare(encodeNpz(json), fixture("npz"))).toBe(0);
    expect(npz.levels.map((level) => [level.nside, level.columns.index.length, level.metadata?.complete])).toEqual([
      [8, 24, true],
      [64, 12, true],
      [512, 6, false],
    ]);
    expect(bestFit(npz)).toMatchObject({ nside: 512, llh: 101.25 });
  });
});

describe.skipIf(dataMissing !== undefined)("recorded results of real events", () => {
  const results =
    dataMissing !== undefined
      ? []
      : readdirSync(dataPath("results_json"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));

  it.each(results)("%s is read, and written as today's skyreader would", (name) => {
    const text = readFileSync(dataPath(`results_json/${name}`), "utf8");
    const skymap = decodeJson(text);
    expect(skymap.levels.map((level) => level.nside)).toEqual([1]);
    expect(pixelTotal(skymap)).toBe(name.startsWith("splinempe_pointed") ? 1 : 12);
    // Older files hold bare NaN, which is the only thing that may change.
    const today = text.trimEnd().replaceAll(/\bNaN\b/g, '"<skyreader.nan>"');
    expect(Buffer.from(encodeJson(skymap)).toString()).toBe(today);
    expect(decodeNpz(encodeNpz(skymap))).toEqual(skymap);
  });

  it("the npz from before headers is read, without metadata, and its rows are written again byte for byte", () => {
    const bytes = readFileSync(dataPath("events/run00136662-evt000035405932-BRONZE-8_64_512.npz"));
    const skymap = decodeNpz(bytes);
    expect(skymap.levels.map((level) => [level.nside, level.columns.index.length])).toEqual([
      [64, 832],
      [512, 1543],
      [8, 768],
    ]);
    expect(skymap.levels.every((level) => level.metadata === undefined && level.columns.X === undefined)).toBe(true);
    expect(bestFit(skymap, "old")?.llh).toBeCloseTo(1112.3994, 4);
    const again = decodeNpz(encodeNpz(skymap));
    expect(again).toEqual(skymap);
    expect(decodeJson(encodeJson(skymap))).toEqual(skymap);
    // Headers of npy had less padding then; the rows behind them are the same bytes in the same order.
    const rowsOf = (zip: Uint8Array): Buffer[] =>
      readZip(zip, defaultMaxBytes).map(({ data }, k) =>
        Buffer.from(data.subarray(data.length - 32 * skymap.levels[k]!.columns.index.length)),
      );
    expect(rowsOf(encodeNpz(skymap))).toEqual(rowsOf(bytes));
    expect(compareSkymaps(skymap, again).equal).toBe(true);
  });
});
