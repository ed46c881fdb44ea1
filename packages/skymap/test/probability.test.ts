import { nestToUniq, pixelArea, ringChildren, ringToNest, uniqToNest } from "@skyscan/healpix";
import { describe, expect, it } from "vitest";
import {
  bestFit,
  coverOf,
  createSkymap,
  flatMapOf,
  mocOf,
  pixelAt,
  pixelDirection,
  probabilityOf,
  regionOf,
} from "../src/index.ts";
import { sum } from "../src/regions/probability.ts";
import { mocToJson } from "../src/regions/region.ts";
import { level } from "./sample.ts";
import { syntheticScan } from "./synthetic-scan.ts";

const RAD = Math.PI / 180;
const truth = { raRad: 100 * RAD, decRad: -20 * RAD };

/** Whole sky at nside 1, half of pixel 4 at nside 2 with one failed fit. */
function partly(): ReturnType<typeof createSkymap> {
  const [a, b] = ringChildren(1, 4, 2);
  return createSkymap([level(1, [...Array(12).keys()], Array<number>(12).fill(10)), level(2, [a!, b!], [8, NaN])]);
}

describe("the sky of a result", () => {
  it("is covered once by disjoint pixels in UNIQ order; the rest of a partly refined pixel keeps its value, a failed one inherits", () => {
    const cover = coverOf(partly());
    const uniqs = Array.from(cover.nside, (nside, cell) => nestToUniq(nside, cover.pixel[cell]!));
    expect(uniqs).toEqual([...uniqs].sort((a, b) => a - b));
    expect(new Set(uniqs).size).toBe(15);
    expect(sum(Array.from(cover.nside, (nside) => pixelArea(nside)))).toBeCloseTo(4 * Math.PI, 12);
    const fine = [...cover.pixel.keys()].filter((cell) => cover.nside[cell] === 2);
    const refined = ringToNest(1, 4);
    expect(fine.map((cell) => Math.floor(cover.pixel[cell]! / 4))).toEqual([refined, refined, refined, refined]);
    expect(fine.map((cell) => cover.twoDeltaLlh[cell]).sort()).toEqual([0, 4, 4, 4]);
    expect([...cover.twoDeltaLlh].filter((value) => value === 4)).toHaveLength(14);
  });

  it("has probability 0 and 2 delta llh Infinity where nothing was fitted, never NaN", () => {
    const map = probabilityOf(coverOf(createSkymap([level(2, [0, 1, 2], [5, 6, NaN])])));
    const flat = flatMapOf(map);
    expect([...flat.probability].filter((p) => p > 0)).toHaveLength(2);
    expect(flat.probability.some((p) => Number.isNaN(p))).toBe(false);
    expect([...flat.twoDeltaLlh.slice(0, 3)]).toEqual([0, 2, Infinity]);
    expect(() => coverOf(createSkymap([level(2, [0], [NaN])]))).toThrow(expect.objectContaining({ code: "empty" }));
  });

  it("a mirrored result gives the map of the same result set right", () => {
    const right = syntheticScan({ truth, sigmaRad: 2 * RAD, nsides: [4, 16] });
    const mirrored = createSkymap(
      right.levels.map((l) => ({
        nside: l.nside,
        metadata: l.metadata,
        columns: { ...l.columns, index: l.columns.index.map((p) => pixelAt(l.nside, pixelDirection(l.nside, p, "new"), "old")) },
      })),
    );
    expect(coverOf(mirrored, "old")).toEqual(coverOf(right));
  });
});

describe("probability", () => {
  const scan = syntheticScan({ truth, sigmaRad: 0.7 * RAD, nsides: [8, 64, 256] });
  const map = probabilityOf(coverOf(scan));

  it("adds up to 1, in cells and in flat maps finer and coarser than the result", () => {
    expect(Math.abs(sum(map.probability) - 1)).toBeLessThan(1e-12);
    for (const nside of [2, 64, 256]) expect(Math.abs(sum(flatMapOf(map, nside).probability) - 1)).toBeLessThan(1e-9);
  });

  it("a flat map has its best pixel where the best fit is, and 512 as its finest nside unless asked", () => {
    const flat = flatMapOf(map);
    const best = bestFit(scan)!;
    expect(flat.twoDeltaLlh[best.pixel]).toBe(0);
    expect(flat.probability.indexOf(Math.max(...flat.probability.filter((p) => p > 1e-6)))).toBe(best.pixel);
    const fine = probabilityOf(coverOf(createSkymap([level(1024, [5], [1])])));
    expect(flatMapOf(fine).nside).toBe(512);
  });

  it("regions of a Gaussian have its areas, and hold what they must", () => {
    for (const containment of [0.5, 0.9] as const) {
      const region = regionOf(map, containment);
      const area = Math.PI * 0.7 ** 2 * -2 * Math.log(1 - containment);
      expect(Math.abs(region.areaSqDeg - area)).toBeLessThan(4 * 0.0524);
      expect(region.probability).toBeGreaterThanOrEqual(containment);
      expect(region.probability).toBeLessThan(containment + 0.01);
    }
  });

  it("a floor widens it as the sum of two Gaussians, keeps its sum, and leaves 2 delta llh alone", () => {
    const wide = probabilityOf(coverOf(scan), 1);
    expect(Math.abs(sum(wide.probability) - 1)).toBeLessThan(1e-9);
    const area = Math.PI * (0.7 ** 2 + 1) * 2 * Math.LN10;
    expect(regionOf(wide, 0.9).areaSqDeg / area).toBeCloseTo(1, 1);
    expect(Math.min(...wide.twoDeltaLlh)).toBe(0);
    expect(sum(Array.from(wide.nside, (nside) => pixelArea(nside)))).toBeCloseTo(4 * Math.PI, 12);
    expect(probabilityOf(coverOf(scan), 0)).toEqual(map);
  });
});

describe("region MOCs", () => {
  it("cover the region with as few pixels as possible", () => {
    const map = probabilityOf(coverOf(syntheticScan({ truth, sigmaRad: 0.7 * RAD })));
    const region = regionOf(map, 0.9);
    const cells = [...mocOf(map, region)].map(uniqToNest);
    expect(sum(cells.map((cell) => pixelArea(cell.nside)))).toBeCloseTo(region.areaSqDeg * RAD ** 2, 12);
    expect(cells.length).toBeLessThan(region.cells.length / 2);
    const keys = new Set(cells.map(({ nside, pixel }) => `${nside}/${pixel}`));
    for (const { nside, pixel } of cells)
      expect([0, 1, 2, 3].every((k) => keys.has(`${nside}/${pixel - (pixel % 4) + k}`))).toBe(nside === 1 && false);
  });

  it("in JSON are NESTED pixels by order", () => {
    expect(JSON.parse(mocToJson(Float64Array.of(nestToUniq(1, 3), nestToUniq(4, 7), nestToUniq(4, 9))))).toEqual({
      "0": [3],
      "2": [7, 9],
    });
  });
});
