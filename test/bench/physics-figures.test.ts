import { describe, expect, it } from "vitest";
import { coverageRows, quantile } from "../../bench/physics/coverage-rows.ts";
import type { Measured } from "../../bench/physics/coverage.ts";
import { histogramsSvg } from "../../bench/physics/histogram-svg.ts";
import { row, table } from "../../bench/physics/rows.ts";

const measured = (twoDeltaLlh: number, errorDeg = 0.1): Measured => ({
  reco: "pandel",
  ice: "model",
  seed: 1,
  signalModules: 100,
  twoDeltaLlh,
  errorDeg,
  pulls: [twoDeltaLlh - 2, 0],
  made: "",
});
const many = (count: number, below: number): Measured[] =>
  Array.from({ length: count }, (_, i) => measured(i < below ? 1 : i < 0.9 * count ? 3 : 7));

describe("the figures of a coverage test", () => {
  it("are the parts of the events below the levels, judged by what is required", () => {
    const rows = coverageRows("pandel", "model", many(100, 50));
    expect(rows.slice(0, 3)).toMatchObject([
      { reached: 50, atLeast: 40, atMost: 62, ok: true, note: "+- 5" },
      { reached: 90, atLeast: 82, atMost: 97, ok: true },
      { reached: 0.1, atMost: 0.3, ok: true },
    ]);
    expect(coverageRows("pandel", "model", many(100, 30))[0]).toMatchObject({ reached: 30, ok: false });
    expect(coverageRows("pandel", "model", many(100, 70))[0]).toMatchObject({ reached: 70, ok: false });
    expect(coverageRows("pandel_spe", "model", many(100, 70))[0]).toMatchObject({ reached: 70, atLeast: 70, ok: true });
  });

  it("are not judged with fewer than a hundred events, nor in other ice", () => {
    expect(coverageRows("pandel", "model", many(99, 0)).every(({ ok }) => ok === null)).toBe(true);
    const other = coverageRows("pandel", "off10", many(100, 0));
    expect(other.every(({ ok, atLeast, atMost }) => ok === null && atLeast === undefined && atMost === undefined)).toBe(true);
  });

  it("leave events without a bowl out of the pulls", () => {
    const rows = coverageRows("pandel", "model", [measured(1), measured(2), { ...measured(3), pulls: null }]);
    expect(rows.find(({ what }) => what === "pull in zenith, median")).toMatchObject({ reached: -0.5, count: 2 });
  });

  it("quantile lies between the values", () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([0, 1], 0.25)).toBe(0.25);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe("the table", () => {
  it("shows what was reached beside what is required, and says what was not reached", () => {
    const lines = table([
      row({ case: "a", what: "x", reached: 100, unit: "%", atLeast: 98, count: 12 }),
      row({ case: "b", what: "y", reached: 823.2, unit: "", atMost: 823.1 }),
      row({ case: "c", what: "z", reached: null, unit: "ms", atMost: 3 }),
    ]);
    expect(lines[1]).toMatch(/^a +x +100 % +>= 98 % +12 +ok$/);
    expect(lines[2]).toMatch(/^b +y +823\.2 +<= 823\.1 +NOT REACHED$/);
    expect(lines[3]).toMatch(/^c +z +- +<= 3 ms +NOT REACHED$/);
  });
});

describe("the histograms", () => {
  it("hold every value, those above the end in the last bin, and the curve", () => {
    const svg = histogramsSvg([
      { title: "t", axis: "a", values: [0.5, 1.5, 99], to: 2, bins: 2, expected: { label: "e", density: () => 0.5 } },
      { title: "u", axis: "b", values: [1], to: 2, bins: 2 },
    ]);
    const heights = [...svg.matchAll(/height="([\d.]+)" fill="#7aa6d6"/g)].map((match) => Number(match[1]));
    expect(heights).toHaveLength(4);
    expect(heights[1]! / heights[0]!).toBeCloseTo(2, 1);
    expect(heights[2]).toBe(0);
    expect(svg.match(/stroke="#c0392b"/g)).toHaveLength(1);
  });
});
