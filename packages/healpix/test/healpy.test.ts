import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  angToNest,
  angToRing,
  angularDistance,
  directionToVec,
  nestBoundary,
  nestNeighbours,
  nestToAng,
  nestToRing,
  nestToVec,
  pixelArea,
  ringBoundary,
  ringDisc,
  ringNeighbours,
  ringToAng,
  ringToNest,
  ringToVec,
  vecToNest,
  vecToRing,
} from "../src/index.ts";

interface Golden {
  pixels: {
    nside: number;
    area: number;
    pixel: number[];
    ringTheta: number[];
    ringPhi: number[];
    nestTheta: number[];
    nestPhi: number[];
    ringToNest: number[];
    nestToRing: number[];
    ringNeighbours: number[][];
    nestNeighbours: number[][];
  }[];
  directions: {
    nside: number;
    theta: number[];
    phi: number[];
    ring: number[];
    nest: number[];
    vec: [number, number, number][];
    vecRing: number[];
    vecNest: number[];
  }[];
  discs: { nside: number; theta: number; phi: number; radius: number; pixels: number[] }[];
  boundaries: { nside: number; pixel: number; step: number; nest: boolean; vec: [number, number, number][] }[];
  distances: { a: [number, number]; b: [number, number]; distance: number }[];
}
const golden = JSON.parse(readFileSync(new URL("fixtures/healpy.json", import.meta.url), "utf8")) as Golden;

/** Largest difference of two lists, which must be of one length. */
function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let max = 0;
  for (let k = 0; k < a.length; k++) max = Math.max(max, Math.abs(a[k]! - b[k]!));
  return max;
}

describe.each(golden.pixels)("nside $nside: pixels are where healpy has them", (g) => {
  it("has healpy's centres, to 1e-15 rad", () => {
    const ring = g.pixel.map((p) => ringToAng(g.nside, p));
    const nest = g.pixel.map((p) => nestToAng(g.nside, p));
    expect(
      maxDifference(
        ring.map((d) => d.thetaRad),
        g.ringTheta,
      ),
    ).toBeLessThan(1e-15);
    expect(
      maxDifference(
        ring.map((d) => d.phiRad),
        g.ringPhi,
      ),
    ).toBeLessThan(2e-15);
    expect(
      maxDifference(
        nest.map((d) => d.thetaRad),
        g.nestTheta,
      ),
    ).toBeLessThan(1e-15);
    expect(
      maxDifference(
        nest.map((d) => d.phiRad),
        g.nestPhi,
      ),
    ).toBeLessThan(2e-15);
    for (const p of g.pixel) {
      const { thetaRad, phiRad } = ringToAng(g.nside, p);
      expect(maxDifference(ringToVec(g.nside, p), directionToVec(thetaRad, phiRad))).toBeLessThan(1e-15);
      expect(maxDifference(nestToVec(g.nside, ringToNest(g.nside, p)), ringToVec(g.nside, p))).toBeLessThan(1e-15);
    }
  });

  it("has healpy's orderings and area", () => {
    expect(g.pixel.map((p) => ringToNest(g.nside, p))).toEqual(g.ringToNest);
    expect(g.pixel.map((p) => nestToRing(g.nside, p))).toEqual(g.nestToRing);
    expect(pixelArea(g.nside)).toBeCloseTo(g.area, 15);
  });

  it("has healpy's neighbours, in its order", () => {
    expect(g.pixel.map((p) => ringNeighbours(g.nside, p))).toEqual(g.ringNeighbours);
    expect(g.pixel.map((p) => nestNeighbours(g.nside, p))).toEqual(g.nestNeighbours);
  });
});

describe.each(golden.directions)("nside $nside: directions fall into healpy's pixels", (g) => {
  it("from angles", () => {
    expect(g.theta.map((theta, k) => angToRing(g.nside, theta, g.phi[k]!))).toEqual(g.ring);
    expect(g.theta.map((theta, k) => angToNest(g.nside, theta, g.phi[k]!))).toEqual(g.nest);
  });
  it("from vectors of any length", () => {
    expect(g.vec.map(([x, y, z]) => vecToRing(g.nside, x, y, z))).toEqual(g.vecRing);
    expect(g.vec.map(([x, y, z]) => vecToNest(g.nside, 2 * x, 2 * y, 2 * z))).toEqual(g.vecNest);
  });
});

it.each(golden.discs)(
  "the disc of $radius rad at ($theta, $phi), nside $nside, is healpy's",
  ({ nside, theta, phi, radius, pixels }) => {
    expect(ringDisc(nside, theta, phi, radius)).toEqual(pixels);
  },
);

it.each(golden.boundaries)(
  "the outline of pixel $pixel, nside $nside (nest: $nest), is healpy's",
  ({ nside, pixel, step, nest, vec }) => {
    const points = (nest ? nestBoundary : ringBoundary)(nside, pixel, step);
    expect(points).toHaveLength(vec.length);
    points.forEach((d, k) => expect(maxDifference(directionToVec(d.thetaRad, d.phiRad), vec[k]!)).toBeLessThan(1e-15));
  },
);

it.each(golden.distances)("the distance $distance is healpy's", ({ a, b, distance }) => {
  expect(angularDistance(...a, ...b)).toBeCloseTo(distance, 14);
});
