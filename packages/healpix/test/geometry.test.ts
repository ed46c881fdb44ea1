import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  angToRing,
  angularDistance,
  MAX_NSIDE,
  MAX_ORDER,
  nestChildren,
  nestNeighbours,
  nestParent,
  nestToRing,
  pixelArea,
  pixelCount,
  ringChildren,
  ringCorners,
  ringDisc,
  ringDiscRanges,
  ringNeighbours,
  ringParent,
  ringToAng,
  ringToNest,
} from "../src/index.ts";
import { phi, pixels, theta } from "./arbitrary-places.ts";

describe("neighbours", () => {
  it("are mutual, distinct and touch: at most one missing, except the pixels at the four-face corners of nside 1", () => {
    fc.assert(
      fc.property(pixels, ([nside, p]) => {
        const around = ringNeighbours(nside, p);
        expect(around).toHaveLength(8);
        const there = around.filter((n) => n >= 0);
        expect(there.length).toBeGreaterThanOrEqual(nside === 1 ? 6 : 7);
        expect(new Set(there).size).toBe(there.length);
        expect(there).not.toContain(p);
        for (const n of there) expect(ringNeighbours(nside, n)).toContain(p);
        const { thetaRad, phiRad } = ringToAng(nside, p);
        for (const n of there) {
          const other = ringToAng(nside, n);
          expect(angularDistance(thetaRad, phiRad, other.thetaRad, other.phiRad)).toBeLessThan(2.2 * Math.sqrt(pixelArea(nside)));
        }
        const nested = nestNeighbours(nside, ringToNest(nside, p)).map((n) => (n < 0 ? -1 : nestToRing(nside, n)));
        expect(nested).toEqual(around);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("children and parents", () => {
  it.each([
    [1, 4],
    [2, 16],
    [8, 8],
    [4, 32],
  ])("the children at finer nside tile the sphere once (%d -> %d)", (nside, childNside) => {
    const seen = new Set<number>();
    for (let p = 0; p < pixelCount(nside); p++) for (const child of ringChildren(nside, p, childNside)) seen.add(child);
    expect(seen.size).toBe(pixelCount(childNside));
  });

  it("children lie in their parent, know it, and are its NESTED children", () => {
    fc.assert(
      fc.property(
        pixels.filter(([nside]) => nside <= MAX_NSIDE / 8),
        fc.integer({ min: 0, max: 3 }),
        ([nside, p], deeper) => {
          const childNside = nside * 2 ** deeper;
          const children = ringChildren(nside, p, childNside);
          expect(children).toHaveLength(4 ** deeper);
          const nest = ringToNest(nside, p);
          expect(nestChildren(nside, nest, childNside)).toEqual(children.map((c) => ringToNest(childNside, c)));
          for (const child of children) {
            expect(ringParent(childNside, child, nside)).toBe(p);
            expect(nestParent(childNside, ringToNest(childNside, child), nside)).toBe(nest);
            const { thetaRad, phiRad } = ringToAng(childNside, child);
            expect(angToRing(nside, thetaRad, phiRad)).toBe(p);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("discs", () => {
  const distanceTo = (nside: number, t: number, p: number) => (pixel: number) => {
    const { thetaRad, phiRad } = ringToAng(nside, pixel);
    return angularDistance(t, p, thetaRad, phiRad);
  };

  it("hold exactly the pixels whose centre is strictly closer than the radius", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 4, 16),
        theta,
        phi,
        fc.double({ min: 0, max: 3.3, noNaN: true }),
        (nside, t, p, radius) => {
          const distance = distanceTo(nside, t, p);
          const disc = new Set(ringDisc(nside, t, p, radius));
          for (let pixel = 0; pixel < pixelCount(nside); pixel++) {
            // Around a pole all distances of a ring are one number, computed differently in the last digit.
            const d = distance(pixel);
            if (Math.abs(d - radius) > 1e-14 && disc.has(pixel) !== d < radius) expect.fail(`pixel ${pixel} at ${d}`);
          }
        },
      ),
      { numRuns: 800 },
    );
  });

  it("are whole at any nside: all inside, and every neighbour that is left out is outside", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: MAX_ORDER }),
        theta,
        phi,
        fc.double({ min: 1, max: 8, noNaN: true }),
        (order, t, p, widths) => {
          const nside = 2 ** order;
          const radius = widths * Math.sqrt(pixelArea(nside));
          const distance = distanceTo(nside, t, p);
          const disc = ringDisc(nside, t, p, radius);
          const held = new Set(disc);
          expect(held.size).toBe(disc.length);
          expect(disc).toEqual([...disc].sort((a, b) => a - b));
          expect(held.has(angToRing(nside, t, p))).toBe(distance(angToRing(nside, t, p)) < radius);
          for (const pixel of disc) {
            if (distance(pixel) >= radius) expect.fail(`pixel ${pixel} is outside`);
            for (const n of ringNeighbours(nside, pixel)) {
              if (n >= 0 && !held.has(n) && distance(n) < radius - 1e-14) expect.fail(`pixel ${n} is missing`);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("do not hold a pixel at the radius itself, and none at radius 0", () => {
    const { thetaRad, phiRad } = ringToAng(8, 100);
    const d = distanceTo(8, thetaRad, phiRad)(101);
    expect(ringDisc(8, thetaRad, phiRad, d)).not.toContain(101);
    expect(ringDisc(8, thetaRad, phiRad, d * (1 + 1e-12))).toContain(101);
    expect(ringDisc(8, thetaRad, phiRad, 0)).toEqual([]);
  });

  it("hold a pixel that is as far from the centre's meridian as its neighbour, and by rounding the only one nearer than the radius", () => {
    // On the meridian at 5/4 pi, halfway between two centres of a ring; the radius is the distance of the nearer one, and a little more.
    const [nside, thetaRad, phiRad, radiusRad] = [4, 0.6223684885550206, 3.926990816987241, 0.25433340455295933];
    const near = Array.from({ length: pixelCount(nside) }, (_, p) => p).filter((p) => {
      const centre = ringToAng(nside, p);
      return angularDistance(thetaRad, phiRad, centre.thetaRad, centre.phiRad) < radiusRad;
    });
    expect(near).toEqual([19, 33]);
    expect(ringDisc(nside, thetaRad, phiRad, radiusRad)).toEqual(near);
  });

  it("cost the pixels they return, not the sky: a small one at nside 2^24 touches few rings", () => {
    const ranges = ringDiscRanges(MAX_NSIDE, 1, 2, 10 * Math.sqrt(pixelArea(MAX_NSIDE)));
    expect(ranges.length / 2).toBeLessThan(60);
    expect(ringDiscRanges(MAX_NSIDE, 1, 2, 4)).toEqual([0, pixelCount(MAX_NSIDE)]);
  });
});

describe("outlines", () => {
  it("the corners are around the centre, and shared with the neighbour over the edge", () => {
    fc.assert(
      fc.property(
        pixels.filter(([nside]) => nside >= 2),
        ([nside, p]) => {
          const width = Math.sqrt(pixelArea(nside));
          const { thetaRad, phiRad } = ringToAng(nside, p);
          const corners = ringCorners(nside, p);
          expect(corners).toHaveLength(4);
          for (const c of corners) expect(angularDistance(thetaRad, phiRad, c.thetaRad, c.phiRad)).toBeLessThan(1.3 * width);
          // Two pixels share an edge, hence exactly two corners (to 1e-6 of a width, and to double precision of the angle itself).
          const southWest = ringCorners(nside, ringNeighbours(nside, p)[0]!);
          const shared = corners.filter((c) =>
            southWest.some((o) => angularDistance(c.thetaRad, c.phiRad, o.thetaRad, o.phiRad) < 1e-6 * width + 1e-14),
          );
          expect(shared).toHaveLength(2);
        },
      ),
      { numRuns: 500 },
    );
  });
});
