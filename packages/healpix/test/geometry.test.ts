import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  angToNest,
  angToRing,
  angularDistance,
  directionToSky,
  HealpixError,
  isNside,
  MAX_NSIDE,
  MAX_ORDER,
  nestChildren,
  nestNeighbours,
  nestParent,
  nestToAng,
  nestToRing,
  nestToUniq,
  nestToVec,
  nsideToOrder,
  orderToNside,
  pixelArea,
  pixelCount,
  ringChildren,
  ringCorners,
  ringDisc,
  ringDiscRanges,
  ringNeighbours,
  ringParent,
  ringToAng,
  ringToAngInto,
  ringToNest,
  ringToSky,
  ringToVec,
  skyDistance,
  skyToDirection,
  skyToNest,
  skyToRing,
  uniqToNest,
  vecToDirection,
  vecToNest,
  vecToRing,
} from "../src/index.ts";

/** An nside and one of its pixels, with the ends of rings, caps and faces far more often than by chance. */
const pixels = fc.integer({ min: 0, max: MAX_ORDER }).chain((order) => {
  const nside = 2 ** order;
  const npix = 12 * nside * nside;
  const cap = 2 * nside * (nside - 1);
  const near = [
    0,
    3,
    4,
    cap,
    npix / 2,
    npix - cap,
    npix - 4,
    npix - 1,
    ...Array.from({ length: 12 }, (_, f) => f * nside * nside),
  ];
  const edge = fc
    .tuple(fc.constantFrom(...near), fc.integer({ min: -3, max: 3 }))
    .map(([p, d]) => Math.min(Math.max(p + d, 0), npix - 1));
  return fc.tuple(
    fc.constant(nside),
    fc.oneof(
      edge,
      fc.maxSafeInteger().map((n) => Math.abs(n) % npix),
    ),
  );
});

/** Directions with the poles, the seam at longitude 0, the borders of the caps and the corners of the faces. */
const theta = fc.oneof(
  fc.double({ min: 0, max: Math.PI, noNaN: true }),
  fc.constantFrom(0, Math.PI, Math.PI / 2, Math.acos(2 / 3), Math.acos(-2 / 3), 1e-12, Math.PI - 1e-9, 1e-5, 0.00999999),
);
const phi = fc.oneof(
  fc.double({ min: -7, max: 14, noNaN: true }),
  fc.constantFrom(0, Math.PI / 4, Math.PI / 2, Math.PI, 2 * Math.PI, 6.283185307179586, -1e-300, 1e-300, 2 * Math.PI - 1e-15),
);

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

  it("hold either of two pixels that are equally far from a meridian between them", () => {
    // On the meridian at 5/4 pi, halfway between two centres of ring 4; the radius ends at the nearer of them after rounding.
    const [thetaRad, phiRad] = [0.6223684885550206, (5 / 4) * Math.PI];
    const distances = [33, 34].map((p) => {
      const centre = ringToAng(4, p);
      return angularDistance(thetaRad, phiRad, centre.thetaRad, centre.phiRad);
    });
    for (const radius of [Math.min(...distances), Math.max(...distances), Math.max(...distances) * (1 + 2 ** -52)]) {
      const disc = ringDisc(4, thetaRad, phiRad, radius);
      expect([disc.includes(33), disc.includes(34)]).toEqual(distances.map((distance) => distance < radius));
    }
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

describe("numbers of the multi-order scheme, orders and refusals", () => {
  it("UNIQ numbers name nside and pixel uniquely", () => {
    fc.assert(
      fc.property(pixels, ([nside, pixel]) => {
        expect(uniqToNest(nestToUniq(nside, pixel))).toEqual({ nside, pixel });
      }),
    );
    expect(nestToUniq(1, 0)).toBe(4);
  });

  it("orders and nsides are one another's", () => {
    for (let order = 0; order <= MAX_ORDER; order++) expect(nsideToOrder(orderToNside(order))).toBe(order);
  });

  it.each([0, -1, 3, 1.5, NaN, Infinity, 2 ** 25, 2 ** 32, 2 ** 40])("nside %d is refused, saying what is allowed", (nside) => {
    expect(isNside(nside)).toBe(false);
    expect(() => angToRing(nside, 0, 0)).toThrow(expect.objectContaining({ name: "HealpixError", code: "nside" }));
    expect(() => ringToAng(nside, 0)).toThrow(/power of two/);
  });

  it.each([-1, 768, 0.5, NaN, Infinity])("pixel %d of nside 8 is refused", (pixel) => {
    for (const f of [ringToAng, ringToVec, ringNeighbours, ringToNest, nestToRing, nestToUniq, ringCorners]) {
      expect(() => f(8, pixel)).toThrow(expect.objectContaining({ code: "pixel" }));
    }
  });

  it("directions, orders and arguments that make no sense are refused with their code", () => {
    const code = (f: () => unknown): string => {
      try {
        f();
      } catch (error) {
        if (error instanceof HealpixError) return error.code;
      }
      return "none";
    };
    expect(code(() => angToRing(8, -0.1, 0))).toBe("direction");
    expect(code(() => angToNest(8, NaN, 0))).toBe("direction");
    expect(code(() => angToRing(8, 1, Infinity))).toBe("direction");
    expect(code(() => vecToRing(8, 0, 0, 0))).toBe("direction");
    expect(code(() => vecToDirection(0, 0, 0))).toBe("direction");
    expect(code(() => orderToNside(25))).toBe("order");
    expect(code(() => ringDisc(8, 1, 1, -1))).toBe("argument");
    expect(code(() => ringChildren(8, 1, 4))).toBe("argument");
    expect(code(() => ringParent(8, 1, 16))).toBe("argument");
    expect(code(() => uniqToNest(3))).toBe("argument");
  });
});
