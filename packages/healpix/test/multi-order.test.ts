import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  angToNest,
  angToRing,
  HealpixError,
  isNside,
  MAX_ORDER,
  nestToRing,
  nestToUniq,
  nsideToOrder,
  orderToNside,
  ringChildren,
  ringCorners,
  ringDisc,
  ringNeighbours,
  ringParent,
  ringToAng,
  ringToNest,
  ringToVec,
  uniqToNest,
  vecToDirection,
  vecToRing,
} from "../src/index.ts";
import { pixels } from "./arbitrary-places.ts";

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
