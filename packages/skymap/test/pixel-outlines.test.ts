import { geoArea, geoContains } from "d3-geo";
import { describe, expect, it } from "vitest";
import { ringToSky } from "@skyscan/healpix";
import { createSkymap, drawFullSky, drawZoomed } from "../src/index.ts";
import { cellLimit, cellsOf } from "../src/pictures/cells.ts";
import { colourCount, colourOf } from "../src/pictures/colours.ts";
import { pixelOutline } from "../src/pictures/outlines.ts";
import { fullSkyProjection, zoomedProjection } from "../src/pictures/projection.ts";
import { bowl, DEG } from "./bowl.ts";
import { level, sample } from "./sample.ts";

const BEST_COLOUR = colourOf(0.5 / colourCount);

/** Rings of a path of straight lines. */
function ringsOf(path: string): [number, number][][] {
  return path
    .split("M")
    .slice(1)
    .map((ring) =>
      ring
        .replace("Z", "")
        .split("L")
        .map((point) => point.split(",").map(Number) as [number, number]),
    );
}

/** Area that a path fills. */
function areaOf(path: string): number {
  return ringsOf(path).reduce((sum, ring) => {
    const twice = ring.reduce((part, [x, y], k) => {
      const [nextX, nextY] = ring[(k + 1) % ring.length]!;
      return part + x * nextY - nextX * y;
    }, 0);
    return sum + Math.abs(twice) / 2;
  }, 0);
}

describe("pixels in pictures", () => {
  it.each(["new", "old"] as const)("an outline contains its pixel's centre and has its area (%s declinations)", (convention) => {
    for (const nside of [1, 2, 4]) {
      for (let pixel = 0; pixel < 12 * nside ** 2; pixel++) {
        const polygon = { type: "Polygon" as const, coordinates: [pixelOutline(nside, pixel, 16, convention)] };
        const { raRad, decRad } = ringToSky(nside, pixel);
        expect(geoContains(polygon, [raRad * DEG, (convention === "new" ? 1 : -1) * decRad * DEG])).toBe(true);
        expect(geoArea(polygon) / ((4 * Math.PI) / (12 * nside ** 2))).toBeCloseTo(1, 2);
      }
    }
  });

  it.each([0, 1, Math.PI, 4.5])(
    "every pixel keeps its area on the full sky, cut at the edge or not (middle %d rad)",
    (centreRaRad) => {
      for (const nside of [1, 2, 8]) {
        const projection = fullSkyProjection([0, 0], 4000, centreRaRad);
        const expected = ((4 * Math.PI) / (12 * nside ** 2)) * projection.pxPerRad ** 2;
        for (let pixel = 0; pixel < 12 * nside ** 2; pixel++) {
          expect(areaOf(projection.outline(pixelOutline(nside, pixel, 16, "new"))) / expected).toBeCloseTo(1, 1.5);
        }
      }
    },
  );

  it("a pixel on the edge of the map is drawn in two parts, one on each side", () => {
    const projection = fullSkyProjection([0, 0], 1000, 0);
    // nside 1, pixel 6: centred on RA 180 deg, dec 0.
    const rings = ringsOf(projection.outline(pixelOutline(1, 6, 8, "new")));
    expect(rings).toHaveLength(2);
    const sides = rings.map((ring) => ring.map(([x]) => Math.sign(Math.round(x))));
    expect(sides.every((signs) => new Set(signs).size === 1)).toBe(true);
    expect(sides[0]![0]).toBe(-sides[1]![0]!);
  });

  it("right ascension grows to the left, declination upwards", () => {
    const whole = fullSkyProjection([500, 250], 1000, 0);
    const zoomed = zoomedProjection([300, 300], 600, { raRad: 0.01, decRad: 0.3 }, 0.1);
    for (const { point } of [whole, zoomed]) {
      expect(point([10, 17])[0]).toBeLessThan(point([0, 17])[0]);
      expect(point([0, 17])[0]).toBeLessThan(point([355, 17])[0]);
      expect(point([0, 20])[1]).toBeLessThan(point([0, 17])[1]);
    }
  });

  it("a zoomed map has its direction in the middle and its radius at the sides", () => {
    const { point } = zoomedProjection([300, 300], 600, { raRad: 1, decRad: 0 }, 0.1);
    expect(point([DEG, 0])[0]).toBeCloseTo(300, 6);
    expect(point([1.1 * DEG, 0])[0]).toBeCloseTo(0, 6);
    expect(point([DEG, 0.1 * DEG])[1]).toBeCloseTo(0, 6);
  });

  it("a level with too many pixels is merged, and its lowest llh stays", () => {
    const fine = bowl(128, 40, 10);
    const values = fine.levels[0]!.columns.llh;
    const lowest = values.reduce((least, value) => Math.min(least, value));
    const [cells] = cellsOf(fine, lowest);
    expect(cells).toMatchObject({ nside: 64, fromNside: 128 });
    expect(cells!.pixels).toHaveLength(cellLimit);
    expect(cells!.values.filter((value) => value === 0)).toHaveLength(1);
  });

  it("NaN gives way to a number when pixels are merged", () => {
    const pixels = Array.from({ length: 12 * 128 ** 2 }, (_, k) => k);
    const [cells] = cellsOf(
      createSkymap([
        level(
          128,
          pixels,
          pixels.map((k) => (k === 7 ? 3 : NaN)),
        ),
      ]),
      3,
    );
    expect(cells!.values.filter((value) => !Number.isNaN(value))).toEqual([0]);
  });

  it("finer pixels are drawn over coarser ones, whatever the order in the file", () => {
    const fineFirst = createSkymap([...sample().levels].reverse());
    const svg = drawFullSky(fineFirst);
    expect(svg.indexOf('class="nside-1"')).toBeGreaterThan(0);
    expect(svg.indexOf('class="nside-2"')).toBeGreaterThan(svg.indexOf('class="nside-1"'));
    expect(svg).toBe(drawFullSky(sample()));
  });

  it("a failed fit is grey and named in the legend, never coloured", () => {
    const all = Array.from({ length: 12 }, (_, k) => k);
    const failed = createSkymap([
      level(
        1,
        all,
        all.map(() => NaN),
      ),
    ]);
    const svg = drawFullSky(failed);
    const map = svg.slice(svg.indexOf('class="nside-1"'), svg.indexOf("</g>", svg.indexOf('class="nside-1"')));
    expect(map).not.toContain(BEST_COLOUR);
    expect([...map.matchAll(/<path /g)]).toHaveLength(2);
    expect(svg).toContain("fit failed (12 pixels)");
    expect(() => drawZoomed(failed)).toThrow(expect.objectContaining({ code: "empty" }));
  });

  it("sky that was not scanned is said so, only when there is some", () => {
    const some = createSkymap([level(2, [3, 4, 5])]);
    expect(drawFullSky(some)).toContain("not scanned");
    expect(drawFullSky(bowl(2, 0, 0))).not.toContain("not scanned");
  });
});
