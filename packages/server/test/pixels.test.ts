import { angularDistance, pixelArea, pixelCount, ringChildren, ringNeighbours, ringToAng } from "@skyscan/healpix";
import { describe, expect, test } from "vitest";
import { parseNsides } from "../src/sky/nsides.ts";
import { createPixelTable } from "../src/sky/pixel-table.ts";
import type { PixelTable } from "../src/sky/pixel-table.ts";
import { dispatchOrder, firstPixels, globalBest, refinedPixels } from "../src/sky/pixels.ts";
import type { PlannedPixels } from "../src/sky/pixels.ts";
import { fit, upTo } from "./stand-ins.ts";

/** A table whose pixels are all final, with these llhs. */
function scanned(nside: number, llhs: ReadonlyMap<number, number>): PixelTable {
  const table = createPixelTable(nside, 1);
  table.add(Float64Array.from(llhs.keys()), new Uint32Array(llhs.size), new Float64Array(llhs.size));
  [...llhs.values()].forEach((llh, row) => table.settle(row, 0, fit(llh)));
  return table;
}

const wholeSky = (nside: number, llhOf: (pixel: number) => number): PixelTable =>
  scanned(nside, new Map(upTo(pixelCount(nside)).map((pixel) => [pixel, llhOf(pixel)])));

const always = (): boolean => true;
const steps = (words: string): ReturnType<typeof parseNsides>["steps"] => parseNsides([words]).steps;
const tablesOf = (...tables: readonly PixelTable[]): ReadonlyMap<number, PixelTable> =>
  new Map(tables.map((table) => [table.nside, table]));
const ascending = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

const discByHand = (nside: number, best: { nside: number; pixel: number }, radiusRad: number): number[] => {
  const centre = ringToAng(best.nside, best.pixel);
  return upTo(pixelCount(nside)).filter((pixel) => {
    const { thetaRad, phiRad } = ringToAng(nside, pixel);
    return angularDistance(thetaRad, phiRad, centre.thetaRad, centre.phiRad) < radiusRad;
  });
};

const sourceOf = (plan: PlannedPixels, pixel: number): { nside: number; pixel: number } => {
  const at = plan.pixels.indexOf(pixel);
  return { nside: plan.sourceNsides[at]!, pixel: plan.sourcePixels[at]! };
};

describe("the first nside", () => {
  test("is the whole sky", () => {
    expect([...firstPixels(2, undefined)]).toEqual(upTo(48));
  });

  test("of a pointed scan is its pixels whose centre is strictly closer than the radius to that of the track's pixel", () => {
    const radiusRad = (3.5 * Math.PI) / 180;
    const found = [...firstPixels(64, { pixel: 22946, radiusRad })];
    expect(ascending(found)).toEqual(discByHand(64, { nside: 64, pixel: 22946 }, radiusRad));
    expect(found).toContain(22946);
    expect(found.length).toBeGreaterThan(40);
  });
});

describe("the best pixel of all", () => {
  test("is the lowest llh over all nsides, and never NaN, wherever the NaN stands", () => {
    const tables = tablesOf(
      scanned(
        1,
        new Map([
          [0, NaN],
          [1, 8],
        ]),
      ),
      scanned(
        2,
        new Map([
          [5, 7],
          [6, NaN],
        ]),
      ),
      scanned(4, new Map([[9, NaN]])),
    );
    expect(globalBest(tables)).toEqual({ nside: 2, pixel: 5, llh: 7 });
  });

  test("ties go to the coarser nside, then to the lowest pixel", () => {
    const tables = tablesOf(
      scanned(
        1,
        new Map([
          [4, 7],
          [3, 7],
        ]),
      ),
      scanned(2, new Map([[0, 7]])),
    );
    expect(globalBest(tables)).toEqual({ nside: 1, pixel: 3, llh: 7 });
  });

  test("there is none when every fit failed; then nothing is refined", () => {
    const tables = tablesOf(wholeSky(1, () => NaN));
    expect(globalBest(tables)).toBeUndefined();
    expect(refinedPixels(steps("1:0 2:12"), tables, always)).toEqual([]);
  });
});

describe("rule (b): the neighbourhood of the best", () => {
  test.each([0, 5, 47, 100, 383, 767])(
    "best at nside 8, pixel %i: the children of what brute force finds, and nothing else",
    (best) => {
      const tables = tablesOf(wholeSky(8, (pixel) => (pixel === best ? 1 : 2)));
      const [plan, ...others] = refinedPixels(steps("8:0 64:12 512:24"), tables, always);
      expect(others).toEqual([]);
      const parents = discByHand(8, { nside: 8, pixel: best }, Math.sqrt((12 * pixelArea(8)) / Math.PI));
      expect(plan?.nside).toBe(64);
      expect(ascending(plan!.pixels)).toEqual(ascending(parents.flatMap((parent) => [...ringChildren(8, parent, 64)])));
      for (const parent of parents)
        for (const child of ringChildren(8, parent, 64)) expect(sourceOf(plan!, child)).toEqual({ nside: 8, pixel: parent });
    },
  );

  test("the centre is that of the best pixel's own nside, at every step; pixels that were not scanned belong to it too", () => {
    const coarse = wholeSky(2, () => 10);
    const fine = scanned(
      4,
      new Map([
        [50, 1],
        [51, 3],
      ]),
    );
    const plans = refinedPixels(steps("2:0 4:2 8:12"), tablesOf(coarse, fine), always);
    const [at4, at8] = plans;
    const parents2 = discByHand(2, { nside: 4, pixel: 50 }, Math.sqrt((2 * pixelArea(2)) / Math.PI));
    const wanted4 = parents2.flatMap((parent) => [...ringChildren(2, parent, 4)]).filter((pixel) => pixel !== 50 && pixel !== 51);
    expect(ascending(at4!.pixels)).toEqual(ascending(wanted4));
    const parents4 = discByHand(4, { nside: 4, pixel: 50 }, Math.sqrt((12 * pixelArea(4)) / Math.PI));
    expect(parents4.some((pixel) => fine.rowOf(pixel) < 0)).toBe(true);
    expect(ascending(at8!.pixels)).toEqual(ascending(parents4.flatMap((parent) => [...ringChildren(4, parent, 8)])));
  });
});

describe("rule (a): steep steps", () => {
  const flat = (special: ReadonlyMap<number, number>): ReadonlySet<number> => {
    // The best pixel is far away, at the other end of the sky, with a small neighbourhood.
    const table = wholeSky(8, (pixel) => special.get(pixel) ?? (pixel === 767 ? 0 : 1));
    const [plan] = refinedPixels(steps("8:0 16:1"), tablesOf(table), always);
    return new Set(plan!.pixels);
  };
  const refined = (pixels: ReadonlySet<number>, parent: number): boolean =>
    [...ringChildren(8, parent, 16)].every((child) => pixels.has(child));
  const high = 300;
  const around = [...ringNeighbours(8, high)].filter((pixel) => pixel >= 0);

  test("both sides of a step of more than 200,000 in 2 delta llh are refined", () => {
    const pixels = flat(new Map([[high, 100_002]]));
    for (const pixel of [high, ...around]) expect(refined(pixels, pixel)).toBe(true);
    expect(refined(pixels, 400)).toBe(false);
  });

  test("a step of exactly 200,000 is none", () => {
    expect(refined(flat(new Map([[high, 100_001]])), high)).toBe(false);
  });

  test("to a failed fit there is no step", () => {
    expect(refined(flat(new Map([[high, NaN]])), high)).toBe(false);
  });

  test("to a pixel that is planned but not final there is no step", () => {
    const table = createPixelTable(8, 1);
    table.add(Float64Array.from(upTo(768)), new Uint32Array(768), new Float64Array(768));
    for (const row of upTo(768)) if (!around.includes(row)) table.settle(row, 0, fit(row === high ? 1e6 : row === 767 ? 0 : 1));
    const [plan] = refinedPixels(steps("8:0 16:1"), tablesOf(table), always);
    expect(refined(new Set(plan!.pixels), high)).toBe(false);
  });
});

describe("planning again", () => {
  test("what is planned already is left out, and nothing is planned twice", () => {
    const tables = tablesOf(wholeSky(8, (pixel) => (pixel === 100 ? 1 : 2)));
    const progression = steps("8:0 16:12");
    const [first] = refinedPixels(progression, tables, always);
    const fine = createPixelTable(16, 1);
    fine.add(first!.pixels, first!.sourceNsides, first!.sourcePixels);
    expect(refinedPixels(progression, tablesOf(...tables.values(), fine), always)).toEqual([]);
  });

  test("a better best found later at the finer nside adds pixels at the finer nside too", () => {
    const progression = steps("8:0 16:4");
    const coarse = wholeSky(8, (pixel) => (pixel === 300 ? 5 : 6));
    const [first] = refinedPixels(progression, tablesOf(coarse), always);
    const edge = ascending(first!.pixels).at(-1)!;
    const fine = scanned(16, new Map([...first!.pixels].map((pixel) => [pixel, pixel === edge ? 1 : 6])));
    const [more] = refinedPixels(progression, tablesOf(coarse, fine), always);
    expect(more!.nside).toBe(16);
    expect(more!.pixels.length).toBeGreaterThan(0);
    expect([...more!.pixels].filter((pixel) => fine.rowOf(pixel) >= 0)).toEqual([]);
  });

  test("goes no further than one past the finest nside that may refine", () => {
    const tables = tablesOf(
      wholeSky(2, (pixel) => pixel),
      wholeSky(4, (pixel) => pixel + 1),
    );
    const nsides = (may: number): number[] =>
      refinedPixels(steps("2:0 4:12 8:24"), tables, (nside) => nside === may).map((plan) => plan.nside);
    expect(nsides(2)).toEqual([]);
    expect(nsides(4)).toEqual([8]);
  });
});

describe("what seeds a refined pixel", () => {
  const best = 100;
  const planWith = (table: PixelTable, ...finer: readonly PixelTable[]): PlannedPixels =>
    refinedPixels(steps("8:0 16:4 32:4"), tablesOf(table, ...finer), always).at(-1)!;

  test("a coarser pixel whose fit failed seeds nothing: the event's own seed does", () => {
    const failed = [...ringNeighbours(8, best)].find((pixel) => pixel >= 0)!;
    const plan = planWith(wholeSky(8, (pixel) => (pixel === failed ? NaN : pixel === best ? 1 : 2)));
    const [child] = ringChildren(8, failed, 16);
    expect(plan.pixels).toContain(child!);
    expect(sourceOf(plan, child!)).toEqual({ nside: 0, pixel: 0 });
  });

  test("a parent that was never scanned passes the question on to its own coarser pixel", () => {
    const coarse = wholeSky(8, (pixel) => (pixel === best ? 2 : 3));
    const [only] = ringChildren(8, best, 16);
    const plan = planWith(coarse, scanned(16, new Map([[only!, 1]])));
    expect(plan.nside).toBe(32);
    expect(sourceOf(plan, [...ringChildren(16, only!, 32)][0]!)).toEqual({ nside: 16, pixel: only });
    const sibling = [...ringChildren(8, best, 16)][1]!;
    const [nephew] = ringChildren(16, sibling, 32);
    expect(plan.pixels).toContain(nephew!);
    expect(sourceOf(plan, nephew!)).toEqual({ nside: 8, pixel: best });
  });
});

describe("the order of dispatch", () => {
  const table = wholeSky(8, (pixel) => pixel);
  const rows = upTo(768);

  test("is the nearest to the best first, every row once", () => {
    const order = [...dispatchOrder(table, Uint32Array.from(rows), { nside: 64, pixel: 22946 })];
    expect(ascending(order)).toEqual(rows);
    const centre = ringToAng(64, 22946);
    const distances = order.map((row) => {
      const { thetaRad, phiRad } = ringToAng(8, row);
      return angularDistance(thetaRad, phiRad, centre.thetaRad, centre.phiRad);
    });
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
  });

  test("without a best is spread over the sky, every row once", () => {
    const order = [...dispatchOrder(table, Uint32Array.from(rows), undefined)];
    expect(ascending(order)).toEqual(rows);
    const firstTenth = ascending(order.slice(0, 77));
    const gaps = firstTenth.map((row, position) => row - (firstTenth[position - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(30);
  });

  test.each([0, 1, 2, 3])("of %i rows is all of them", (count) => {
    expect(ascending(dispatchOrder(table, Uint32Array.from(upTo(count)), undefined))).toEqual(upTo(count));
  });
});
