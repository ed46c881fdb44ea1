import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { geoArea, geoContains } from "d3-geo";
import { afterEach, describe, expect, it } from "vitest";
import { ringToSky } from "@skyscan/healpix";
import {
  contoursOf,
  createSkymap,
  drawFullSky,
  drawZoomed,
  renderPdf,
  renderPng,
  titleLinesOf,
  wilksLevels,
  writePictures,
} from "../src/index.ts";
import type { Skymap } from "../src/index.ts";
import { cellLimit, cellsOf } from "../src/pictures/cells.ts";
import { colourCount, colourOf } from "../src/pictures/colours.ts";
import { pixelOutline } from "../src/pictures/outlines.ts";
import { fullSkyProjection, zoomedProjection } from "../src/pictures/projection.ts";
import { colourScale } from "../src/pictures/scale.ts";
import { utcOfMjd } from "../src/pictures/utc-time.ts";
import { columnsFor, level, metadata, sample } from "./sample.ts";

const DEG = 180 / Math.PI;
const BEST_COLOUR = colourOf(0.5 / colourCount);

/** All pixels of an nside, llh growing with the distance from a direction. */
function bowl(nside: number, raDeg: number, decDeg: number): Skymap {
  const pixels = Array.from({ length: 12 * nside ** 2 }, (_, k) => k);
  const [ra, dec] = [raDeg / DEG, decDeg / DEG];
  const llh = pixels.map((pixel) => {
    const { raRad, decRad } = ringToSky(nside, pixel);
    return 1000 - 50 * (Math.sin(dec) * Math.sin(decRad) + Math.cos(dec) * Math.cos(decRad) * Math.cos(ra - raRad));
  });
  return createSkymap([level(nside, pixels, llh)]);
}

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

/** Whether every element is closed and every text is escaped: enough of XML for what is written here. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  const rest = svg
    .replace(/^<\?xml [^>]*\?>/, "")
    .replace(/<(\/?)([a-zA-Z]+)((?: [a-zA-Z0-9-]+="[^"<]*")*)(\/?)>/g, (...match) => {
      const [, end, name, , empty] = match as string[];
      if (end === "/") expect(open.pop()).toBe(name);
      else if (empty !== "/") open.push(name!);
      return "";
    });
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/);
  expect(svg).not.toMatch(/NaN[,"L]|undefined|Infinity/);
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

describe("pictures", () => {
  const places: [string, number, number][] = [
    ["north pole", 12, 90],
    ["south pole", 200, -89.5],
    ["RA 0", 0, 20],
    ["RA 360", 359.99, -20],
    ["the edge of the map", 180, 5],
  ];

  it.each(places)("are well-formed with a best fit near %s", (_, raDeg, decDeg) => {
    const skymap = bowl(8, raDeg, decDeg);
    const contours = contoursOf(skymap, wilksLevels);
    const markers = [
      { label: 'true <direction> & "more"', raRad: raDeg / DEG, decRad: decDeg / DEG },
      { label: "antipode", raRad: raDeg / DEG + Math.PI, decRad: -decDeg / DEG },
    ];
    const [whole, zoomed] = [drawFullSky(skymap, { contours, markers }), drawZoomed(skymap, { contours, markers })];
    for (const svg of [whole, zoomed]) {
      expectWellFormed(svg);
      expect(svg).toContain("2Δllh, Wilks 50/90 %, statistical only, uncalibrated");
      expect(svg).toContain("90 % contour");
    }
    expect(zoomed).toContain("outside of this picture");
    expect(whole).not.toContain("outside of this picture");
  });

  it("say PRELIMINARY while an nside is incomplete, or as told", () => {
    const complete = createSkymap([level(1, [0, 1, 2])]);
    expect(drawFullSky(complete)).not.toContain("PRELIMINARY");
    expect(drawFullSky(complete, { preliminary: true })).toContain("PRELIMINARY");
    expect(drawFullSky(sample())).toContain("PRELIMINARY");
    expect(drawZoomed(sample(), { preliminary: false })).not.toContain("PRELIMINARY");
  });

  it("of the same result are the same bytes", async () => {
    const [one, two] = [drawZoomed(bowl(4, 30, 40)), drawZoomed(bowl(4, 30, 40))];
    expect(one).toBe(two);
    expect(await renderPng(one, 300)).toEqual(await renderPng(two, 300));
    const small = drawFullSky(createSkymap([level(1, [0, 1, 2])]));
    expect(await renderPdf(small)).toEqual(await renderPdf(small));
  });

  it("of results without header need to be told how declinations are meant, and are mirrored accordingly", () => {
    const old = createSkymap([{ nside: 1, columns: columnsFor([0, 1, 2, 3], [5, 6, 7, 8]) }]);
    expect(() => drawFullSky(old)).toThrow(expect.objectContaining({ code: "convention" }));
    expect(drawZoomed(old, { decConvention: "new" })).toContain("dec +41.81°");
    expect(drawZoomed(old, { decConvention: "old" })).toContain("dec −41.81°");
  });

  it("name event, time and pixels", () => {
    expect(titleLinesOf(sample(), { reco: "pandel_spe" })).toEqual([
      "run00136662.evt000035405932.neutrino",
      "2022-05-24 07:41:32 UTC  (MJD 59723.32051)  ·  reco pandel_spe",
      "nside 1: 12 pixels  ·  nside 2: 5 pixels, incomplete",
    ]);
  });

  it("give no time of simulated events, whose MJD has no meaning", () => {
    const simulated = createSkymap([{ ...level(1, [0]), metadata: { ...metadata, isRealEvent: false } }]);
    expect(titleLinesOf(simulated)[1]).toBe("simulated event");
  });

  it("PNG: as wide as asked for", async () => {
    const png = Buffer.from(await renderPng(drawFullSky(sample()), 640));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect(png.readUInt32BE(16)).toBe(640);
    await expect(renderPng(drawFullSky(sample()), 5)).rejects.toThrow(RangeError);
  });

  it("PDF: one page with its fonts in it", async () => {
    const pdf = Buffer.from(await renderPdf(drawFullSky(sample()))).toString("latin1");
    expect(pdf.slice(0, 5)).toBe("%PDF-");
    expect(pdf).toContain("DejaVuSans-Bold");
    expect([...pdf.matchAll(/\/Type \/Page\b/g)]).toHaveLength(1);
  });
});

describe("colours and times", () => {
  it("the best fit has the first colour, all beyond the end the last", () => {
    const scale = colourScale([0, 10, 90, NaN], 50);
    expect(scale).toMatchObject({ max: 50, clipped: true });
    expect(scale.colourIndexOf(0)).toBe(0);
    expect(scale.colourIndexOf(90)).toBe(colourCount - 1);
    expect(scale.ticks[0]).toBe(0);
    expect(scale.ticks).toEqual([...scale.ticks].sort((a, b) => a - b));
  });

  it("a scale of equal or no values can be drawn", () => {
    for (const values of [[], [NaN], [0], [0, 0]]) expect(colourScale(values).max).toBe(1);
  });

  it("a modified Julian date is turned into UTC", () => {
    expect(utcOfMjd(40587)).toBe("1970-01-01 00:00:00 UTC");
    expect(utcOfMjd(58018.87118560489)).toBe("2017-09-22 20:54:30 UTC");
    expect(utcOfMjd(NaN)).toBeUndefined();
  });
});

describe("writePictures", () => {
  let directory: string | undefined;
  afterEach(async () => {
    if (directory !== undefined) await rm(directory, { recursive: true });
    directory = undefined;
  });

  it("writes what was asked for, under the result's name, and removes pictures of fewer nsides", async () => {
    directory = await mkdtemp(join(tmpdir(), "pictures-"));
    const first = createSkymap(sample().levels.slice(0, 1));
    await writePictures(directory, first, {}, { formats: ["svg"] });
    const written = await writePictures(directory, sample(), {}, { formats: ["svg", "pdf"] });
    const name = "run00136662.evt000035405932.neutrino_1_2";
    const expected = ["fullsky.svg", "fullsky.pdf", "zoomed.svg", "zoomed.pdf"].map((ending) => `${name}.${ending}`);
    expect(written).toEqual(expected.map((file) => join(directory!, file)));
    expect((await readdir(directory)).sort()).toEqual([...expected].sort());
    expectWellFormed(await readFile(written[0]!, "utf8"));
  });

  it("without any successful fit there is a full sky only", async () => {
    directory = await mkdtemp(join(tmpdir(), "pictures-"));
    const written = await writePictures(directory, createSkymap([level(1, [0], [NaN])]), {}, { formats: ["svg"] });
    expect(written).toHaveLength(1);
  });
});
