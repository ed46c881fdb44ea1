import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gcnSchema, writeResultExtras, type ResultFacts } from "../src/index.ts";
import { utcOfMjd } from "../src/extras/utc.ts";
import { syntheticScan } from "./synthetic-scan.ts";

const event = "run00136662.evt000035405932.neutrino";
const facts: ResultFacts = {
  eventName: event,
  scanId: "scan-1",
  reco: { name: "pandel_spe", version: "1.0", options: {} },
  calibratedLevels: null,
  creatorVersion: "0.1.0",
  preliminary: true,
};
const scan = syntheticScan({ truth: { raRad: 1, decRad: -0.3 }, sigmaRad: 0.05, nsides: [8, 32] });
const names = [
  "circular.txt",
  "contour_50.txt",
  "contour_90.txt",
  "contours.reg",
  "gcn-draft.json",
  "multiorder.fits.gz",
  "region_50.moc.fits",
  "region_50.moc.json",
  "region_90.moc.fits",
  "region_90.moc.json",
  "skymap_nside_32_llh.fits.gz",
  "skymap_nside_32_probability.fits.gz",
  "summary.json",
].map((ending) => `${event}_8_32.${ending}`);

describe("the files that go with a result", () => {
  let directory: string;
  let paths: readonly string[];
  const read = (ending: string): Promise<string> => readFile(join(directory, `${event}_8_32.${ending}`), "utf8");
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "extras-"));
    for (const old of ["_8.summary.json", "_8.skymap_nside_8_llh.fits.gz", "_8.npz", "_16.summary.json"])
      await writeFile(join(directory, event + old), "old");
    paths = await writeResultExtras(directory, scan, facts);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("are all there and nothing else of theirs; those of shorter results go, other files stay", async () => {
    expect((await readdir(directory)).sort()).toEqual([...names, `${event}_16.summary.json`, `${event}_8.npz`].sort());
    expect([...paths].sort()).toEqual(names.map((name) => join(directory, name)).sort());
  });

  it("are made of a map that is too coarse for a contour, too: its text file has no points", async () => {
    const coarse = syntheticScan({ truth: { raRad: 1, decRad: -0.3 }, sigmaRad: 0.05, nsides: [1] });
    const written = await writeResultExtras(join(directory, ".."), coarse, { ...facts, eventName: "coarse" });
    const contour = written.find((path) => path.endsWith(".contour_50.txt"))!;
    expect(await readFile(contour, "utf8")).toBe('"ra (rad)" "dec (rad)"\n');
    await Promise.all(written.map((path) => rm(path)));
  });

  it("have the same bytes for the same result", async () => {
    const before = await Promise.all(names.map((name) => readFile(join(directory, name))));
    await writeResultExtras(directory, scan, facts);
    expect(await Promise.all(names.map((name) => readFile(join(directory, name))))).toEqual(before);
  });

  it("every area names its method, and whether systematic uncertainties are in it", async () => {
    const summary = JSON.parse(await read("summary.json"));
    expect(summary).toMatchObject({
      preliminary: true,
      scan: { id: "scan-1", nsides: [8, 32] },
      best_fit: { frame: "ICRS", nside: 32 },
    });
    for (const contour of summary.contours) expect(contour).toMatchObject({ method: "wilks", systematic_included: false });
    for (const region of summary.regions)
      expect(region).toMatchObject({ method: expect.any(String), systematic_included: false });
  });

  it("the notice draft has only fields of GCN's schema, and nothing that a scan cannot know", async () => {
    const draft = JSON.parse(await read("gcn-draft.json")) as Record<string, unknown>;
    expect(draft).toMatchObject({
      $schema: gcnSchema,
      id: ["136662_35405932"],
      trigger_time: "2022-05-24T07:41:32.185352Z",
      containment_probability: 0.9,
      systematic_included: false,
    });
    expect(Object.keys(draft)).not.toEqual(expect.arrayContaining(["nu_energy"]));
    expect(JSON.stringify(draft)).not.toMatch(/far|p_astro|pipeline|event_name|healpix_url|null/);
  });

  it("the circular's text is marked preliminary and statistical only; not so when calibrated and final", async () => {
    expect(await read("circular.txt")).toMatch(/^Date: 2022-05-24\nTime: 07:41:32\.18 UT\nPRELIMINARY\. [^]*statistical only/);
    const other = await mkdtemp(join(directory, "calibrated-"));
    await writeResultExtras(other, scan, { ...facts, preliminary: false, calibratedLevels: { "50": 22.2, "90": 64.2 } });
    const text = await readFile(join(other, `${event}_8_32.circular.txt`), "utf8");
    expect(text).not.toMatch(/PRELIMINARY|statistical only/);
    expect(text).toMatch(/include systematic/);
    await rm(other, { recursive: true });
  });

  it("DS9 gets closed polygons in ICRS degrees", async () => {
    const regions = await read("contours.reg");
    expect(regions).toMatch(/^icrs$/m);
    expect(regions.match(/^polygon\((-?\d+\.\d+,)+-?\d+\.\d+\) #/gm)).toHaveLength(2);
  });

  it.each([
    [{ calibratedLevels: { "50": 5, "90": 4 } }, "invalid"],
    [{ angularErrorFloorDeg: NaN }, "invalid"],
    [{ flatNside: 100 }, "invalid"],
  ])("facts that cannot be are refused: %j", async (wrong, code) => {
    await expect(writeResultExtras(directory, scan, { ...facts, ...wrong })).rejects.toMatchObject({ code });
  });
});

describe("UTC of a modified Julian date", () => {
  it.each([
    [51544.5, "2000-01-01T12:00:00.000000"],
    [59723.99999999999999, "2022-05-25T00:00:00.000000"],
    [NaN, undefined],
  ])("%d is %s", (mjd, utc) => {
    expect(utcOfMjd(mjd)).toBe(utc);
  });
});
