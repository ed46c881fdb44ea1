// Starts processes: a Python with the packages that scripts/test-services.mjs lists (SKYSCAN_TEST_PYTHON, else python3).
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { angularDistance, pixelArea, ringToAng } from "@skyscan/healpix";
import { dataMissing, dataPath, repositoryPath, skipReason } from "@skyscan/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createSkymap,
  findingsOf,
  pixelAt,
  pixelDirection,
  readSkymapFile,
  writeResultExtras,
  writeSkymapFiles,
  type Findings,
  type ResultFacts,
  type Skymap,
} from "../src/index.ts";
import { createRingWeights, ringWeightsInto } from "../src/regions/ring-interpolation.ts";
import { metadata } from "./sample.ts";
import { syntheticScan } from "./synthetic-scan.ts";

const python = process.env["SKYSCAN_TEST_PYTHON"] ?? "python3";
const modules = "astropy, astropy_healpix, healpy, ligo.skymap, mhealpy, mocpy, numpy, skyreader";
const imports = spawnSync(python, ["-W", "ignore", "-c", `import ${modules}`], { encoding: "utf8" });
const missing = skipReason(
  "python",
  imports.status === 0
    ? undefined
    : `${python} cannot import ${modules}: ${(imports.error?.message ?? imports.stderr).trim().split("\n").at(-1) ?? ""}`,
);
const runPython = async (args: readonly string[], cwd?: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(python, ["-W", "ignore", ...args], { cwd, maxBuffer: 2 ** 24 });
  return stdout;
};
const script = (name: string): string => fileURLToPath(new URL(`python/${name}`, import.meta.url));

const event = "run00136662.evt000035405932.neutrino";
const facts: ResultFacts = {
  eventName: event,
  scanId: `${event}-pandel_spe-8_64_512-${"0123456789abcdef".repeat(4)}`,
  reco: { name: "pandel_spe", version: "1.0", options: { text: "it's so long ".repeat(12) } },
  calibratedLevels: null,
  creatorVersion: "0.1.0",
  preliminary: true,
};

/** A real scan from before v3.8, set right and given a header. */
async function realScan(): Promise<Skymap> {
  const old = await readSkymapFile(dataPath("events/run00136662-evt000035405932-BRONZE-8_64_512.npz"));
  return createSkymap(
    old.levels.map(({ nside, columns }) => ({
      nside,
      metadata: { ...metadata, version: 0 },
      columns: { ...columns, index: columns.index.map((p) => pixelAt(nside, pixelDirection(nside, p, "old"), "new")) },
    })),
  );
}

interface Answer {
  cards: Record<"flat" | "llh" | "multiorder" | "moc", Record<string, unknown>>;
  healpy: { total: number; nan: boolean; best: number; best_llh: number; min_llh: number; ordering: string; areas: number[] };
  mhealpy: { total: number; is_moc: boolean; best: [number, number]; sorted: boolean; covers: number };
  ligo: { total: number; areas: number[]; flat_areas: number[]; best: [number, number]; gps_time: number };
  mocpy: { regions: Record<string, { same: boolean; area: number; order: number; valued: number }>; uniq_union: number };
  contours: Record<string, { columns: string[]; points: number }>;
}

const degree = Math.PI / 180;
const scans: [string, string | undefined, () => Skymap | Promise<Skymap>, number | undefined][] = [
  [
    "a Gaussian",
    undefined,
    () => syntheticScan({ truth: { raRad: 0.1 * degree, decRad: 35 * degree }, sigmaRad: 0.6 * degree }),
    undefined,
  ],
  [
    "a Gaussian with an error floor",
    undefined,
    () => syntheticScan({ truth: { raRad: 4, decRad: -1 }, sigmaRad: 0.4 * degree }),
    0.3,
  ],
  ["a real scan", dataMissing, realScan, undefined],
];

describe.skipIf(missing !== undefined)(
  `Python reads the extra files${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    describe.each(scans)("%s", (_, lacking, make, floor) => {
      describe.skipIf(lacking !== undefined)(lacking === undefined ? "everywhere" : `skipped: ${lacking}`, () => {
        let directory: string;
        let npz: string;
        let skymap: Skymap;
        let ours: Findings;
        let answer: Answer;
        const finestPixel = pixelArea(512) / degree ** 2;
        const within = (a: number, b: number, tolerance: number): void => {
          expect(Math.abs(a - b), `${a} against ${b}`).toBeLessThanOrEqual(tolerance);
        };
        beforeAll(async () => {
          directory = await mkdtemp(join(tmpdir(), "extras-"));
          skymap = await make();
          const withFloor = floor === undefined ? facts : { ...facts, angularErrorFloorDeg: floor };
          ours = findingsOf(skymap, withFloor);
          ({ npz } = await writeSkymapFiles(directory, skymap, event));
          await writeResultExtras(directory, skymap, withFloor);
          answer = JSON.parse(await runPython([script("read-extras.py"), join(directory, `${event}_8_64_512`), "512"])) as Answer;
        });
        afterAll(() => rm(directory, { recursive: true, force: true }));

        it("astropy: valid FITS; every card as it was meant, long strings whole", () => {
          const { flat, llh, multiorder, moc } = answer.cards;
          const [fifty, ninety] = ours.contours;
          for (const cards of [flat, llh, multiorder, moc]) {
            expect(cards).toMatchObject({
              PIXTYPE: "HEALPIX",
              COORDSYS: "C",
              RUNID: 136662,
              EVENTID: 35405932,
              I3TYPE: "neutrino",
              SCANID: facts.scanId,
              RECOOPTS: JSON.stringify(facts.reco.options),
              SYSINCL: false,
              RADESYS: "ICRS",
              EQUINOX: 2000,
              CREATOR: "Skyscan 0.1.0",
            });
            within(cards["RA"] as number, ours.best.raRad / degree, 1e-6);
            within(cards["DEC"] as number, ours.best.decRad / degree, 1e-6);
            within(cards["RA_ERR_PLUS_50"] as number, fifty.errors.raPlusDeg, 1e-6);
            within(cards["DEC_ERR_MINUS_90"] as number, ninety.errors.decMinusDeg, 1e-6);
            within(cards["CONTOUR_AREA_90"] as number, ninety.areaSqDeg, 1e-6);
          }
          expect(multiorder).toMatchObject({
            ORDERING: "NUNIQ",
            INDXSCHM: "EXPLICIT",
            MOCORDER: 9,
            "DATE-OBS": "2022-05-24T07:41:32.185352",
            "MJD-OBS": metadata.mjd,
            TIMESYS: "UTC",
          });
          expect(multiorder["columns"]).toEqual([
            ["UNIQ", "K", null],
            ["PROBDENSITY", "D", "sr-1"],
            ["2DLLH", "D", null],
          ]);
          expect(flat).toMatchObject({ ORDERING: "RING", INDXSCHM: "IMPLICIT", NSIDE: 512, columns: [["PROB", "D", "pix-1"]] });
          expect(llh["columns"]).toEqual([["2DLLH", "D", null]]);
        });

        it("healpy: total 1, best pixel, areas", () => {
          within(answer.healpy.total, 1, 1e-9);
          expect(answer.healpy).toMatchObject({ nan: false, best_llh: ours.best.pixel, min_llh: 0, ordering: "RING" });
          if (floor === undefined) expect(answer.healpy.best).toBe(ours.best.pixel);
          ours.regions.forEach((region, k) => within(answer.healpy.areas[k]!, region.areaSqDeg, 1.01 * finestPixel));
        });

        it("mhealpy: a disjoint multi-order map of the whole sky, total 1, best pixel", () => {
          expect(answer.mhealpy).toMatchObject({ is_moc: true, sorted: true });
          within(answer.mhealpy.total, 1, 1e-9);
          within(answer.mhealpy.covers, 1, 1e-12);
          if (floor !== undefined) return;
          const { thetaRad, phiRad } = ringToAng(512, ours.best.pixel);
          within(angularDistance(...answer.mhealpy.best, thetaRad, phiRad), 0, 1e-9);
        });

        it("ligo.skymap: total 1, best pixel, time, its own areas of multi-order and flat map", () => {
          within(answer.ligo.total, 1, 1e-9);
          // GPS is 18 s ahead of UTC, from 1980-01-06.
          within(answer.ligo.gps_time, (metadata.mjd - 44244) * 86400 + 18, 1e-3);
          ours.regions.forEach((region, k) => {
            within(answer.ligo.areas[k]!, region.areaSqDeg, 1.01 * finestPixel);
            within(answer.ligo.flat_areas[k]!, region.areaSqDeg, 1.01 * finestPixel);
          });
          if (floor === undefined) within(answer.ligo.best[0], ours.best.raRad, 1e-12);
        });

        it("mocpy: regions from FITS and JSON are the same and have our areas; its own of the map too", () => {
          within(answer.mocpy.uniq_union, 1, 1e-12);
          ours.regions.forEach((region, k) => {
            const moc = answer.mocpy.regions[k === 0 ? "50" : "90"]!;
            expect(moc).toMatchObject({ same: true, order: 9 });
            within(moc.area, region.areaSqDeg, 1e-9);
            within(moc.valued, region.areaSqDeg, 1.01 * finestPixel);
          });
        });

        it("contour files have skyreader's columns", () => {
          for (const contour of Object.values(answer.contours)) {
            expect(contour.columns).toEqual(["ra (rad)", "dec (rad)"]);
            expect(contour.points).toBeGreaterThan(20);
          }
        });

        // Contours do not know of the floor, and cleaning its multi-order map takes skyreader a minute or two.
        if (floor !== undefined) return;
        it("skyreader's plotter: the same best fit, contours of nearly the same size, files of the same names", async () => {
          const output = await mkdtemp(join(directory, "skyreader-"));
          const theirs = JSON.parse(await runPython([script("plot-with-skyreader.py"), npz, output])) as {
            best: [number, number];
            errors: number[][];
            areas: number[];
            files: string[];
          };
          within(theirs.best[0], ours.best.raRad, 1e-12);
          within(theirs.best[1], ours.best.decRad, 1e-12);
          ours.contours.forEach(({ areaSqDeg, errors }, k) => {
            // It interpolates between the same pixel centres, but over triangles, and takes 1.39 and 4.61 for the levels.
            within(theirs.areas[k]!, areaSqDeg, 0.03 * areaSqDeg + finestPixel);
            const ourErrors = [errors.raPlusDeg, errors.raMinusDeg, errors.decPlusDeg, errors.decMinusDeg];
            const scale = [1 / Math.cos(ours.best.decRad), 1 / Math.cos(ours.best.decRad), 1, 1];
            ourErrors.forEach((error, side) => within(theirs.errors[k]![side]!, error, 0.03 * scale[side]! + 0.01));
          });
          expect(theirs.files).toEqual(
            expect.arrayContaining(
              ["contour_50.txt", "contour_90.txt", "skymap_nside_512_llh.fits.gz"].map((f) => `${event}_8_64_512.${f}`),
            ),
          );
        }, 480_000);
      });
    });

    it("interpolation has healpy's pixels and weights, at poles and everywhere", async () => {
      const directions = Array.from({ length: 400 }, (_, k) => [
        Math.acos(1 - (2 * k + 0.5) / 400),
        (k * 2.399963) % (2 * Math.PI),
      ]);
      directions.push([0, 0], [Math.PI, 1], [1e-9, 3], [Math.PI - 1e-9, 6.2]);
      const code = [
        "import healpy, json, sys, numpy as np",
        "t, p = np.array(json.load(sys.stdin)).T",
        "print(json.dumps([[a.tolist() for a in healpy.get_interp_weights(n, t, p)] for n in (1, 2, 64)]))",
      ].join("\n");
      const child = promisify(execFile)(python, ["-W", "ignore", "-c", code], { maxBuffer: 2 ** 24 });
      child.child.stdin!.end(JSON.stringify(directions));
      const golden = JSON.parse((await child).stdout) as [number[][], number[][]][];
      const out = createRingWeights();
      const weightOf = (pixels: ArrayLike<number>, weights: ArrayLike<number>): Map<number, number> => {
        const sums = new Map<number, number>();
        for (let k = 0; k < 4; k++) sums.set(pixels[k]!, (sums.get(pixels[k]!) ?? 0) + weights[k]!);
        return sums;
      };
      [1, 2, 64].forEach((nside, n) => {
        const [pixels, weights] = golden[n]!;
        directions.forEach(([theta, phi], k) => {
          ringWeightsInto(nside, theta!, phi!, out);
          const ours = weightOf(out.pixels, out.weights);
          const theirs = weightOf(
            pixels.map((row) => row[k]!),
            weights.map((row) => row[k]!),
          );
          for (const pixel of new Set([...ours.keys(), ...theirs.keys()]))
            expect(Math.abs((ours.get(pixel) ?? 0) - (theirs.get(pixel) ?? 0)), `nside ${nside} at ${theta} ${phi}`).toBeLessThan(
              1e-9,
            );
        });
      });
    });
  },
);

describe.skipIf(missing !== undefined)("the snippets of docs/results.md", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "snippets-"));
    const skymap = syntheticScan({ truth: { raRad: 0.8, decRad: -0.05 }, sigmaRad: 0.6 * degree });
    await writeSkymapFiles(directory, skymap, event);
    await writeResultExtras(directory, skymap, facts);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("all run as they stand, one after the other, and find the best fit and the area", async () => {
    const text = await readFile(repositoryPath("docs/results.md"), "utf8");
    const snippets = [...text.matchAll(/^```python\n([^]*?)^```/gm)].map((match) => match[1]!);
    expect(snippets.length).toBeGreaterThanOrEqual(8);
    const printed = await runPython(["-c", snippets.join("\nprint('----')\n")], directory);
    const parts = printed.split("----\n");
    expect(parts).toHaveLength(snippets.length);
    const area = Math.PI * 0.36 * 2 * Math.LN10;
    for (const part of parts.slice(-5)) {
      const last = part.trim().split("\n").at(-1)!;
      expect(Math.abs(Number(/area (\S+)/.exec(last)?.[1]) - area), last).toBeLessThan(0.15);
    }
  });
});
