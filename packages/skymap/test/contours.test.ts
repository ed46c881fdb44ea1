import { describe, expect, it } from "vitest";
import { contourLevelsOf, contoursOf, createSkymap, wilksLevels } from "../src/index.ts";
import { positionErrorsOf } from "../src/regions/position-errors.ts";
import { level } from "./sample.ts";
import { syntheticScan } from "./synthetic-scan.ts";

const RAD = Math.PI / 180;
const nearZeroHours = { raRad: 0.1 * RAD, decRad: 60 * RAD };

describe("contours", () => {
  it("a Gaussian llh has circles, with the area and the radius of their levels, also over right ascension 0", () => {
    const contours = contoursOf(syntheticScan({ truth: nearZeroHours, sigmaRad: 0.5 * RAD }), wilksLevels);
    expect(contours.map((contour) => [contour.containment, contour.method])).toEqual([
      [0.5, "wilks"],
      [0.9, "wilks"],
    ]);
    for (const contour of contours) {
      const radius = 0.5 * Math.sqrt(contour.level2DeltaLlh);
      expect(contour.rings).toHaveLength(1);
      expect(contour.rings[0]!.at(-1)).toEqual(contour.rings[0]![0]);
      expect(contour.areaSqDeg / (Math.PI * radius ** 2)).toBeCloseTo(1, 1);
      const errors = positionErrorsOf(contour, nearZeroHours);
      // Coordinate degrees: twice as many at declination 60.
      for (const error of [errors.raPlusDeg, errors.raMinusDeg]) expect(Math.abs(error / 2 - radius)).toBeLessThan(0.1);
      for (const error of [errors.decPlusDeg, errors.decMinusDeg]) expect(Math.abs(error - radius)).toBeLessThan(0.1);
    }
  });

  it("levels of a calibrated reco say so", () => {
    const levels = contourLevelsOf({ "50": 22.2, "90": 64.2 });
    const contours = contoursOf(syntheticScan({ truth: nearZeroHours, sigmaRad: 0.5 * RAD, reach: 10 }), levels);
    expect(contours.map((contour) => [contour.level2DeltaLlh, contour.method])).toEqual([
      [22.2, "calibrated"],
      [64.2, "calibrated"],
    ]);
    expect(contours[1]!.areaSqDeg / (Math.PI * 0.25 * 64.2)).toBeCloseTo(1, 1);
    expect(contourLevelsOf(null)).toBe(wilksLevels);
  });

  it("islands and holes are rings; the area is what lies inside", () => {
    // nside 16: a good pixel, eight bad ones around it, good ones around those.
    const scan = syntheticScan({ truth: { raRad: 1, decRad: 0.1 }, sigmaRad: 20 * RAD, nsides: [16] });
    const columns = scan.levels[0]!.columns;
    const distances = Array.from(columns.llh, (llh) => Math.sqrt((llh - 1000) * 2) * 20);
    const llh = distances.map((d) => (d < 6 ? 1000 : d < 20 ? 1010 : d < 40 ? 1000.1 : 1010));
    const ringed = createSkymap([level(16, [...columns.index], llh)]);
    const [fifty] = contoursOf(ringed, wilksLevels);
    expect(fifty!.rings).toHaveLength(3);
    const shell = 2 * Math.PI * (Math.cos(20 * RAD) - Math.cos(40 * RAD)) + 2 * Math.PI * (1 - Math.cos(6 * RAD));
    expect(fifty!.areaSqDeg * RAD ** 2).toBeGreaterThan(0.7 * shell);
    expect(fifty!.areaSqDeg * RAD ** 2).toBeLessThan(1.1 * shell);
  });

  it("a contour around a pole leaves right ascension open and reaches the pole", () => {
    const best = { raRad: 0.3, decRad: -89.5 * RAD };
    const [, ninety] = contoursOf(syntheticScan({ truth: best, sigmaRad: 1 * RAD }), wilksLevels);
    const errors = positionErrorsOf(ninety!, best);
    expect([errors.raPlusDeg, errors.raMinusDeg]).toEqual([180, 180]);
    expect(errors.decMinusDeg).toBeCloseTo(0.5, 6);
    expect(errors.decPlusDeg).toBeGreaterThan(0.5);
  });

  it("a whole sky within the level is inside, but for the rim of the grid", () => {
    const flat = createSkymap([level(4, [...Array(192).keys()], Array<number>(192).fill(7))]);
    const [fifty] = contoursOf(flat, wilksLevels);
    expect(fifty!.areaSqDeg).toBeGreaterThan(40000);
    expect(fifty!.areaSqDeg).toBeLessThan(41300);
  });

  it("a result without a fit has none", () => {
    expect(() => contoursOf(createSkymap([level(1, [0], [NaN])]), wilksLevels)).toThrow(
      expect.objectContaining({ code: "empty" }),
    );
  });
});
