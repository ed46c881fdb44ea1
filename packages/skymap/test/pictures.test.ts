import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
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
import { bowl, DEG } from "./bowl.ts";
import { columnsFor, level, metadata, sample } from "./sample.ts";

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
