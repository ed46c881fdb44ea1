import { describe, expect, test } from "vitest";
import { decodeRecord, encodeRecord } from "../src/journal/records.ts";
import type { JournalRecord } from "../src/journal/records.ts";
import type { ScanState } from "../src/state/scan-state.ts";
import { failureOf, fit, planOf, resultOf, stateOf, unit, upTo } from "./stand-ins.ts";

const gaveUp = (pixel: number): JournalRecord => ({ type: "gave-up", ...unit(1, pixel), code: "killed", message: "it kills" });

describe("a unit's life", () => {
  test("the first final outcome stands; a second of either kind is refused", () => {
    const state = stateOf("1:0", 1, planOf(1, upTo(12)));
    expect(state.apply(resultOf(unit(1, 3), 5))).toBe(true);
    expect(state.apply(resultOf(unit(1, 3), 4))).toBe(false);
    expect(state.apply(gaveUp(3))).toBe(false);
    expect(state.apply(gaveUp(4))).toBe(true);
    expect(state.apply(resultOf(unit(1, 4), 1))).toBe(false);
    expect(state.tables.get(1)!.bestAt(3)).toEqual(fit(5));
    expect([state.plannedUnits, state.finalUnits, state.resultUnits]).toEqual([12, 2, 1]);
    expect(state.failedUnits.map(({ pixel, code }) => [pixel, code])).toEqual([[4, "killed"]]);
  });

  test("a failure counts once, and only for the attempt that is wanted now", () => {
    const state = stateOf("1:0", 1, planOf(1, upTo(12)));
    const key = unit(1, 0);
    expect(state.attemptOf(key)).toBe(1);
    expect(state.apply(failureOf(key, 2))).toBe(false);
    expect(state.apply(failureOf(key, 1))).toBe(true);
    expect(state.apply(failureOf(key, 1, "host-b"))).toBe(false);
    expect(state.attemptOf(key)).toBe(2);
    expect(state.apply(failureOf(key, 2))).toBe(true);
    state.apply(resultOf(key, 1));
    expect(state.apply(failureOf(key, 3))).toBe(false);
    expect(state.troubleOf(key)?.failures.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  test("pixels are planned once, however often a record says so", () => {
    const state = stateOf("1:0", 1, planOf(1, upTo(12)));
    expect(state.apply(planOf(1, [3, 4]))).toBe(false);
    expect([state.plannedUnits, state.tables.get(1)!.rows]).toEqual([12, 12]);
  });

  test("a result stands whatever failed before", () => {
    const state = stateOf("1:0", 1, planOf(1, upTo(12)), failureOf(unit(1, 0), 1));
    expect(state.apply(resultOf(unit(1, 0), 7))).toBe(true);
    expect(state.isOpen(unit(1, 0))).toBe(false);
  });

  test.each([
    ["a pixel that is not planned", unit(8, 5)],
    ["an nside that is not planned", unit(64, 0)],
    ["a variation beyond those there are", unit(8, 0, 2)],
  ])("%s is unknown: every record of it is refused and nothing is kept", (_, key) => {
    const state = stateOf("8:0 64:12", 2, planOf(8, [0, 1]));
    expect([state.isKnown(key), state.isOpen(key)]).toEqual([false, false]);
    const records: JournalRecord[] = [
      resultOf(key, 1),
      failureOf(key, 1),
      { type: "gave-up", ...key, code: "killed", message: "" },
      { type: "dead", ...key },
      { type: "lost", ...key, worker: "w" },
    ];
    for (const record of records) expect(state.apply(record)).toBe(false);
    expect(state.troubleOf(key)).toBeUndefined();
    expect(state.finalUnits).toBe(0);
  });

  test("dead letters are counted, lost workers once each; of a final unit neither", () => {
    const key = unit(1, 0);
    const state = stateOf("1:0", 1, planOf(1, [0, 1]));
    for (const worker of ["a", "a", "b"]) state.apply({ type: "lost", ...key, worker });
    state.apply({ type: "dead", ...key });
    state.apply({ type: "dead", ...key });
    state.apply(resultOf(key, 1));
    expect(state.apply({ type: "dead", ...key })).toBe(false);
    expect(state.apply({ type: "lost", ...key, worker: "c" })).toBe(false);
    expect(state.troubleOf(key)).toMatchObject({ deadArrivals: 2, lostWorkers: new Set(["a", "b"]) });
  });

  test("an end is undone by the next run", () => {
    const state = stateOf("1:0", 1, { type: "run", run: 1, host: "h", pid: 1 }, { type: "end", status: 0 });
    expect([state.ended, state.runs]).toEqual([true, 1]);
    state.apply({ type: "run", run: 2, host: "h", pid: 2 });
    expect([state.ended, state.runs]).toEqual([false, 2]);
  });
});

describe("replay is live", () => {
  test("the fold of the records that were taken, out of their bytes, is the same state", () => {
    const pixels = upTo(12);
    const offered: JournalRecord[] = [
      { type: "header", journalVersion: 1, scanId: "s", digest: "d", settings: { nsides: "1:0 2:12" } },
      { type: "run", run: 1, host: "h", pid: 3 },
      planOf(1, pixels),
      ...pixels.flatMap((pixel) => [resultOf(unit(1, pixel, 0), 100 - pixel), resultOf(unit(1, pixel, 0), 1)]),
      failureOf(unit(1, 2, 1), 1),
      failureOf(unit(1, 2, 1), 1),
      failureOf(unit(1, 2, 1), 2, "host-b"),
      { type: "gave-up", ...unit(1, 2, 1), code: "crashed", message: "no" },
      { type: "dead", ...unit(1, 3, 1) },
      { type: "lost", ...unit(1, 4, 1), worker: "w" },
      resultOf(unit(1, 5, 1), NaN),
      planOf(2, [40, 3, 11], { nside: 1, pixel: 11 }),
      resultOf(unit(2, 3, 1), -4),
    ];
    const live = stateOf("1:0 2:12", 2);
    const journalled = offered.filter((record) => live.apply(record)).map(encodeRecord);
    expect(journalled).toHaveLength(offered.length - 13);
    const replayed = stateOf("1:0 2:12", 2, ...journalled.map(decodeRecord));
    expect(seen(replayed)).toEqual(seen(live));
  });
});

function seen(state: ScanState): object {
  const { scanId, digest, runs, ended, plannedUnits, finalUnits, resultUnits, failedUnits } = state;
  const tables = [...state.tables.values()].map((table) => ({
    nside: table.nside,
    best: table.best,
    counts: [table.rows, table.finalUnits, table.finalPixels, table.failedUnits],
    rows: upTo(table.rows).map((row) => ({
      pixel: table.pixelAt(row),
      source: table.sourceAt(row),
      states: upTo(table.posvars).map((posvar) => table.stateOf(row, posvar)),
      best: table.bestAt(row),
      trouble: upTo(table.posvars).map((posvar) => state.troubleOf(unit(table.nside, table.pixelAt(row), posvar))),
    })),
  }));
  return { scanId, digest, runs, ended, plannedUnits, finalUnits, resultUnits, failedUnits, tables };
}
