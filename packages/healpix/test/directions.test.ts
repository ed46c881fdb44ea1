import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  angToNest,
  angToRing,
  angularDistance,
  directionToSky,
  MAX_ORDER,
  nestNeighbours,
  nestToAng,
  nestToRing,
  nestToVec,
  pixelArea,
  pixelCount,
  ringToAng,
  ringToAngInto,
  ringToNest,
  ringToSky,
  ringToVec,
  skyDistance,
  skyToDirection,
  skyToNest,
  skyToRing,
  vecToDirection,
  vecToNest,
  vecToRing,
} from "../src/index.ts";
import { phi, pixels, theta } from "./arbitrary-places.ts";

describe("numbers and directions", () => {
  it("every pixel's centre lies in that pixel, in both orderings, by angle, vector and sky coordinates", () => {
    fc.assert(
      fc.property(pixels, ([nside, p]) => {
        const ring = ringToAng(nside, p);
        expect(angToRing(nside, ring.thetaRad, ring.phiRad)).toBe(p);
        const nest = nestToAng(nside, p);
        expect(angToNest(nside, nest.thetaRad, nest.phiRad)).toBe(p);
        const [x, y, z] = ringToVec(nside, p) as unknown as [number, number, number];
        expect(vecToRing(nside, x, y, z)).toBe(p);
        const [nx, ny, nz] = nestToVec(nside, p) as unknown as [number, number, number];
        expect(vecToNest(nside, 3 * nx, 3 * ny, 3 * nz)).toBe(p);
        expect(ringToAng(nside, nestToRing(nside, p))).toEqual(nest);
      }),
      { numRuns: 1500 },
    );
  });

  it("every pixel up to nside 2^14 is found again from its right ascension and declination", () => {
    // Declinations near the poles have too few digits for finer pixels: pi/2 - theta rounds to 1e-16 rad.
    fc.assert(
      fc.property(
        pixels.filter(([nside]) => nside <= 2 ** 14),
        ([nside, p]) => {
          const { raRad, decRad } = ringToSky(nside, p);
          expect(skyToRing(nside, raRad, decRad)).toBe(p);
          expect(skyToNest(nside, raRad, decRad)).toBe(ringToNest(nside, p));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("every direction falls into one pixel whose centre is near, and both orderings name the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_ORDER }), theta, phi, (order, t, p) => {
        const nside = 2 ** order;
        const ring = angToRing(nside, t, p);
        expect(ring >= 0 && ring < pixelCount(nside)).toBe(true);
        // Rounding on a border may differ between the two ways of computing; they are neighbours then.
        const nest = angToNest(nside, t, p);
        const asNest = ringToNest(nside, ring);
        expect(nest === asNest || nestNeighbours(nside, asNest).includes(nest)).toBe(true);
        const centre = ringToAng(nside, ring);
        // No point of a pixel is farther from its centre than 1.2 pixel widths (worst: polar pixels of nside 1).
        expect(angularDistance(t, p, centre.thetaRad, centre.phiRad)).toBeLessThan(1.2 * Math.sqrt(pixelArea(nside)));
      }),
      { numRuns: 1500 },
    );
  });

  it("orderings are inverse to one another", () => {
    fc.assert(
      fc.property(pixels, ([nside, p]) => {
        expect(nestToRing(nside, ringToNest(nside, p))).toBe(p);
        expect(ringToNest(nside, nestToRing(nside, p))).toBe(p);
      }),
      { numRuns: 1500 },
    );
  });

  it("a direction written into a caller's array is the one returned as an object", () => {
    const out = new Float64Array(2);
    const { thetaRad, phiRad } = ringToAng(64, 12345);
    expect([...ringToAngInto(64, 12345, out)]).toEqual([thetaRad, phiRad]);
    expect(ringToAngInto(64, 12345, out)).toBe(out);
  });

  it("sky and pixelisation frames are inverse, and vectors have the directions they were made of", () => {
    fc.assert(
      fc.property(theta, phi, (t, p) => {
        const sky = directionToSky({ thetaRad: t, phiRad: p });
        expect(sky.raRad >= 0 && sky.raRad < 2 * Math.PI).toBe(true);
        expect(skyToDirection(sky).thetaRad).toBeCloseTo(t, 14);
        const back = vecToDirection(Math.sin(t) * Math.cos(p), Math.sin(t) * Math.sin(p), Math.cos(t));
        expect(angularDistance(t, p, back.thetaRad, back.phiRad)).toBeLessThan(1e-14);
      }),
    );
  });

  it("distances keep their digits from 1e-12 rad to pi", () => {
    for (const d of [1e-12, 1e-9, 1e-6, 0.001, 1, 3]) {
      expect(angularDistance(0, 0, d, 1) / d).toBeCloseTo(1, 12);
      expect(angularDistance(Math.PI / 2, 1, Math.PI / 2, 1 + d) / d).toBeCloseTo(1, d < 1e-9 ? 3 : 6);
    }
    expect(angularDistance(1, 2, Math.PI - 1, 2 + Math.PI)).toBeCloseTo(Math.PI, 14);
    expect(skyDistance({ raRad: 0, decRad: Math.PI / 2 }, { raRad: 3, decRad: 0 })).toBeCloseTo(Math.PI / 2, 15);
  });
});
