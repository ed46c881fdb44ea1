import { ringToSky } from "@skyscan/healpix";
import { describe, expect, it } from "vitest";
import {
  bestFit,
  bestPixel,
  createSkymap,
  decodeJson,
  decodeNpz,
  drawSkymap,
  encodeJson,
  encodeNpz,
  llhAt,
  rowOf,
  summarizeSkymap,
  type LevelInput,
} from "../src/index.ts";
import { columnsFor, level, metadata, sample } from "./sample.ts";

describe("a result", () => {
  it("is in order of pixel, whatever the order it was given in, with every row kept together", () => {
    const { levels } = createSkymap([level(2, [30, 4, 47, 5], [3, 1, 4, 2])]);
    const { columns } = levels[0]!;
    expect([...columns.index]).toEqual([4, 5, 30, 47]);
    expect([...columns.llh]).toEqual([1, 2, 3, 4]);
    expect([...columns.T!]).toEqual([500.5, 600.5, 3100.5, 4800.5]);
    expect([4, 5, 30, 47].map((pixel) => rowOf(levels[0]!, pixel))).toEqual([0, 1, 2, 3]);
    expect(rowOf(levels[0]!, 6)).toBe(-1);
  });

  const { X: _, ...withoutX } = columnsFor([1]);
  const { X: _x, Y: _y, Z: _z, T: _t, ...old } = columnsFor([1]);
  const refused: [string, LevelInput[], RegExp][] = [
    ["an nside that is no power of two", [level(3, [1])], /nside 3 is not a power of two/],
    ["a pixel beyond its nside", [level(1, [12])], /no pixel 12/],
    ["a pixel that is no integer", [level(1, [1.5])], /no pixel 1.5/],
    ["a pixel twice", [level(1, [1, 2, 1])], /pixel 1 is there twice/],
    ["an nside twice", [level(1, [1]), level(1, [2])], /nside 1 is there twice/],
    [
      "columns of unequal length",
      [{ nside: 1, columns: { ...columnsFor([1]), llh: new Float64Array(2) } }],
      /column llh has 2 values/,
    ],
    ["some of the vertex only", [{ nside: 1, columns: withoutX }], /columns/],
    ["a version that does not fit the columns", [{ nside: 1, metadata, columns: old }], /version 1 does not fit/],
    [
      "levels of different columns",
      [
        { nside: 1, columns: old },
        { nside: 2, columns: columnsFor([1]) },
      ],
      /nside 2 has columns/,
    ],
    ["levels with and without metadata", [level(1, [1]), { nside: 2, columns: columnsFor([1]) }], /metadata none/],
  ];
  it.each(refused)("with %s is refused", (_name, levels, message) => {
    expect(() => createSkymap(levels)).toThrow(
      expect.objectContaining({ name: "SkymapError", code: "invalid", message: expect.stringMatching(message) as string }),
    );
  });

  it("has an event type that numpy can store, also when the event has none", () => {
    const skymap = createSkymap([level(1, [1], [2], { eventType: "" })]);
    expect(skymap.levels[0]?.metadata?.eventType).toBe("None");
    const text = Buffer.from(encodeJson(sample())).toString().replaceAll('"neutrino"', "null");
    expect(decodeJson(text).levels[0]?.metadata?.eventType).toBe("None");
  });

  it("is the same after npz and json, with texts beyond ASCII and pixels beyond 32 bits", () => {
    const far = 12 * 2 ** 48 - 1;
    const skymap = createSkymap([level(2 ** 24, [5, 2 ** 33 + 7, far], undefined, { eventType: 'ν\u{1F30C}"x' })]);
    expect(decodeNpz(encodeNpz(skymap))).toEqual(skymap);
    expect(decodeJson(encodeJson(skymap))).toEqual(skymap);
    expect(Buffer.from(encodeJson(skymap)).toString()).toContain('"event_type": "\\u03bd\\ud83c\\udf0c\\"x"');
  });

  it("gives the same bytes every time", () => {
    expect(Buffer.compare(encodeNpz(sample()), encodeNpz(sample()))).toBe(0);
  });

  it("without any pixel at an nside is written and read too", () => {
    const skymap = createSkymap([level(1, [])]);
    expect(decodeNpz(encodeNpz(skymap))).toEqual(skymap);
    expect(decodeJson(encodeJson(skymap))).toEqual(skymap);
    expect(decodeJson(encodeJson(createSkymap([])))).toEqual({ levels: [] });
  });
});

describe("the best fit", () => {
  it("is the lowest llh over all nsides, with its row and the centre of its pixel", () => {
    expect(bestFit(sample())).toEqual({
      nside: 2,
      pixel: 7,
      llh: 980,
      row: { index: 7, llh: 980, E_in: 80.5, E_tot: 160.5, X: -7.5, Y: 16.5, Z: -23.5, T: 800.5 },
      ...ringToSky(2, 7),
    });
  });

  it("is never NaN, wherever it stands", () => {
    for (const llh of [
      [NaN, 5, 4],
      [5, NaN, 4],
      [4, 5, NaN],
    ]) {
      expect(bestPixel(createSkymap([level(1, [0, 1, 2], [NaN, NaN, NaN]), level(2, [1, 2, 3], llh)]))?.llh).toBe(4);
    }
    expect(bestPixel(createSkymap([level(1, [0, 1], [NaN, NaN])]))).toBeUndefined();
    expect(bestPixel(createSkymap([]))).toBeUndefined();
  });

  it("is the lowest pixel of the nside that came first when several are equal", () => {
    const skymap = createSkymap([level(8, [3, 9, 700], [2, 1, 1]), level(64, [0, 1], [1, 1])]);
    expect(bestPixel(skymap)).toMatchObject({ nside: 8, pixel: 9 });
  });

  it("has no direction in a file without header, unless the convention is said; the two are mirrored", () => {
    const headerless = createSkymap([{ nside: 8, columns: columnsFor([100]) }]);
    expect(() => bestFit(headerless)).toThrow(expect.objectContaining({ code: "convention" }));
    const now = bestFit(headerless, "new")!;
    const before = bestFit(headerless, "old")!;
    expect(before.decRad).toBe(-now.decRad);
    expect(before.raRad).toBe(now.raRad);
    expect(llhAt(headerless, before.raRad, before.decRad, "old")).toEqual({ llh: 1100, nside: 8, pixel: 100 });
  });
});

describe("the llh of a direction", () => {
  it("is that of the finest nside that was fitted there; failed fits are passed over", () => {
    const skymap = sample();
    const at = (nside: number, pixel: number): ReturnType<typeof llhAt> => {
      const { raRad, decRad } = ringToSky(nside, pixel);
      return llhAt(skymap, raRad, decRad);
    };
    expect(at(2, 7)).toEqual({ llh: 980, nside: 2, pixel: 7 });
    expect(at(2, 5)).toMatchObject({ nside: 1 }); // NaN at nside 2
    expect(at(1, 10)).toEqual({ llh: 1010, nside: 1, pixel: 10 });
    expect(llhAt(createSkymap([level(2, [0])]), 3, -1)).toBeUndefined();
  });
});

describe("a result in the terminal", () => {
  it("is summed up with event, best fit and a line per nside", () => {
    expect(summarizeSkymap(sample())).toBe(
      [
        "event      run00136662.evt000035405932.neutrino, real, MJD 59723.32051140454",
        "best fit   RA 157.500 deg, dec 41.810 deg (nside 2, pixel 7, llh 980)",
        "           E_in 80.5 GeV, E_tot 160.5 GeV, X -7.5 m, Y 16.5 m, Z -23.5 m, T 800.5 ns",
        "",
        "nside  pixels  complete  lowest llh  failed (NaN)",
        "    1      12       yes        1000             0",
        "    2       5        no         980             1",
      ].join("\n"),
    );
  });

  it("is summed up also when no fit succeeded, and not at all without a declination convention", () => {
    expect(summarizeSkymap(createSkymap([level(1, [3], [NaN])]))).toContain("no fit succeeded");
    const headerless = createSkymap([{ nside: 8, columns: columnsFor([100]) }]);
    expect(() => summarizeSkymap(headerless)).toThrow(/before v3.8/);
    expect(() => drawSkymap(headerless)).toThrow(/before v3.8/);
    expect(summarizeSkymap(headerless, "old")).toContain("dec = theta - pi/2");
  });

  it("is drawn with the best fit where it is: north up, right ascension growing to the left", () => {
    const place = (pixel: number): [number, number] => {
      const lines = drawSkymap(createSkymap([level(8, [pixel])]), { columns: 40 }).split("\n");
      const row = lines.findIndex((line) => line.includes("✕"));
      return [lines[row]!.indexOf("✕"), row];
    };
    const [middle, equator] = [20, 5];
    expect(place(0)[1]).toBe(0); // at the north pole
    expect(place(767)[1]).toBe(9); // at the south pole
    const [east, atEquator] = place(368 + 8); // RA 90 deg on the equator
    expect(Math.abs(atEquator - equator)).toBeLessThanOrEqual(1);
    expect(east).toBeLessThan(middle - 5);
    expect(place(368 + 24)[0]).toBeGreaterThan(middle + 5); // RA 270 deg
  });

  it("shows what was not scanned, and is as wide as asked", () => {
    const lines = drawSkymap(createSkymap([level(1, [0, 1, 2, 3])]), { columns: 60 }).split("\n");
    expect(lines).toHaveLength(16);
    expect(lines[14]).toContain("·");
    expect(lines[0]).not.toContain("·");
    expect(Math.max(...lines.slice(0, 15).map((line) => line.length))).toBe(60);
    expect(() => drawSkymap(sample(), { columns: 5 })).toThrow(RangeError);
  });
});
