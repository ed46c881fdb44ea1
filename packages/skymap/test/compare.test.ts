import { describe, expect, it } from "vitest";
import { compareSkymaps, createSkymap, diffToJson } from "../src/index.ts";
import { columnsFor, level, sample, withValue } from "./sample.ts";

describe("comparing results", () => {
  it("a result equals itself, NaN and all; with NaN different from NaN it does not", () => {
    const comparison = compareSkymaps(sample(), sample());
    expect(comparison).toMatchObject({ close: true, equal: true, nsidesOnlyInFirst: [], nsidesOnlyInSecond: [] });
    expect(comparison.nsides.map((n) => [n.nside, n.shared])).toEqual([
      [2, 5],
      [1, 12],
    ]);
    expect(compareSkymaps(sample(), sample(), { equalNan: false })).toMatchObject({ close: false, equal: false });
  });

  it.each([
    ["llh", 0.9e-4, 1.2e-4],
    ["E_in", 0.9e-2, 1.2e-2],
    ["E_tot", 0.9e-2, 1.2e-2],
    ["X", 0.9e-3, 1.2e-3],
    ["T", 0.9e-3, 1.2e-3],
  ] as const)("%s may differ by its tolerance, not by more", (field, within, beyond) => {
    const value = sample().levels[0]!.columns[field]![3]!;
    const near = withValue(sample(), 1, field, 3, value * (1 + within));
    expect(compareSkymaps(near, sample())).toMatchObject({ close: true, equal: false });
    const far = compareSkymaps(withValue(sample(), 1, field, 3, value * (1 + beyond)), sample());
    expect(far.close).toBe(false);
    const found = far.nsides[1]!.fields.find((f) => f.field === field)!;
    expect(found).toMatchObject({ differing: 1, firstPixel: 3 });
    expect(found.maxRelative).toBeCloseTo(beyond, 10);
    expect(found.maxAbsolute).toBeCloseTo(Math.abs(value * beyond), 8);
  });

  it("tolerances can be said per field", () => {
    const value = sample().levels[0]!.columns.llh[3]!;
    const other = withValue(sample(), 1, "llh", 3, value * 1.05);
    expect(compareSkymaps(other, sample()).close).toBe(false);
    expect(compareSkymaps(other, sample(), { relativeTolerances: { llh: 0.1 } }).close).toBe(true);
  });

  it("an energy of 0 on either side is close to anything; other zeros are not", () => {
    for (const field of ["E_in", "E_tot"] as const) {
      expect(compareSkymaps(withValue(sample(), 1, field, 0, 0), sample()).close).toBe(true);
      expect(compareSkymaps(sample(), withValue(sample(), 1, field, 0, 0)).close).toBe(true);
    }
    expect(compareSkymaps(withValue(sample(), 1, "X", 0, 0), sample()).close).toBe(false);
  });

  it("a NaN against a number, and infinity against a number, are differences", () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      expect(compareSkymaps(withValue(sample(), 1, "llh", 0, value), sample()).close).toBe(false);
      expect(compareSkymaps(sample(), withValue(sample(), 1, "llh", 0, value)).close).toBe(false);
    }
  });

  it("a missing pixel is that one difference and shifts no other", () => {
    const whole = createSkymap([level(1, [0, 1, 2, 3, 4])]);
    const less = createSkymap([level(1, [0, 2, 3, 4])]);
    const comparison = compareSkymaps(whole, less);
    expect(comparison.close).toBe(false);
    expect(comparison.nsides[0]).toMatchObject({ shared: 4, onlyInFirst: [1], onlyInSecond: [] });
    expect(comparison.nsides[0]!.fields.every((field) => field.differing === 0 && field.maxAbsolute === 0)).toBe(true);
    expect(compareSkymaps(less, whole).nsides[0]).toMatchObject({ onlyInFirst: [], onlyInSecond: [1] });
  });

  it("an nside that only one has is a difference, also when no nside is shared", () => {
    const one = createSkymap([level(1, [0])]);
    const both = createSkymap([level(1, [0]), level(2, [0])]);
    expect(compareSkymaps(one, both)).toMatchObject({
      close: false,
      equal: false,
      nsidesOnlyInFirst: [],
      nsidesOnlyInSecond: [2],
    });
    expect(compareSkymaps(both, one)).toMatchObject({ close: false, nsidesOnlyInFirst: [2] });
    expect(compareSkymaps(one, createSkymap([level(2, [0])]))).toMatchObject({ close: false, nsides: [] });
    expect(compareSkymaps(one, createSkymap([])).close).toBe(false);
  });

  it("columns that only one has are a difference unless allowed", () => {
    const { X, Y, Z, T, ...rest } = columnsFor([0, 1]);
    expect([X, Y, Z, T].every((column) => column !== undefined)).toBe(true);
    const before = createSkymap([{ nside: 1, columns: rest }]);
    const now = createSkymap([{ nside: 1, columns: columnsFor([0, 1]) }]);
    expect(compareSkymaps(before, now)).toMatchObject({ close: false, equal: false, columnsOnlyInOne: ["X", "Y", "Z", "T"] });
    expect(compareSkymaps(before, now, { allowDifferentColumns: true })).toMatchObject({ close: true, equal: false });
  });

  it("every pixel is in the JSON of differences, side by side", () => {
    const first = createSkymap([level(1, [0, 1], [1000, NaN])]);
    const second = createSkymap([level(1, [0, 2], [1001, 5]), level(2, [3])]);
    const diff = JSON.parse(diffToJson(first, second)) as Record<
      string,
      [unknown[] | null, unknown[] | null, unknown[] | null, boolean[]][]
    >;
    expect(Object.keys(diff)).toEqual(["nside-2", "nside-1"]);
    const [shared, onlyFirst, onlySecond] = diff["nside-1"]!;
    expect(shared![0]!.slice(0, 2)).toEqual([0, 1000]);
    expect(shared![1]!.slice(0, 2)).toEqual([0, 1001]);
    expect(shared![2]![0]).toBe(0);
    expect(shared![2]![1]).toBeCloseTo(1 / 1001, 8);
    expect(shared![3].slice(0, 3)).toEqual([true, false, true]);
    expect(onlyFirst![0]!.slice(0, 2)).toEqual([1, "<skyreader.nan>"]);
    expect(onlyFirst!.slice(1)).toEqual([null, null, Array(8).fill(false)]);
    expect(onlySecond![0]).toBeNull();
    expect(diff["nside-2"]![0]![0]).toBeNull();
  });
});
