import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { dataMissing, repositoryPath } from "@skyscan/testing";
import { insideImage, makeGcdDirectory } from "../icetray/image-stand-in.ts";
import { bronze, bronzeName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";

// Whole scans with IceTray's recos, whose Python is a stand-in for the images' (test/icetray-stand-in).

const freshDirectory = freshDirectories();
const env = { ...insideImage("3.22.1"), SKYSCAN_RESULT_EXTRAS: "no" };
let gcdDir: string;
beforeAll(async () => {
  gcdDir = await makeGcdDirectory(join(await freshDirectory(), "gcd"));
});

interface Level {
  readonly columns: readonly string[];
  readonly data: readonly (readonly number[])[];
}

const scanOf = (directory: string): Scanning =>
  scanning(directory, { event: bronze, eventName: bronzeName, reco: "millipede", nsides: ["1:0", "2:2"], env });

describe.skipIf(dataMissing !== undefined)("a scan of a real alert with --reco-algo millipede", () => {
  test("prepares frames and seed in the image, tries seven vertices in each pixel, keeps the best, fills every column", async () => {
    const directory = await freshDirectory();
    const scan = scanOf(directory);
    const startupPath = join(directory, "kept-startup.json");
    const flags = [
      "--gcd-dir",
      gcdDir,
      "--reco-path",
      repositoryPath("resources/recos_warm"),
      "--client-startup-json",
      startupPath,
    ];
    const end = await scan.scan("--clients", "2", ...flags).ended;
    expect(end).toMatchObject({ status: 0 });

    const startup = JSON.parse(await readFile(startupPath, "utf8")) as Record<string, unknown>;
    // What the predecessor's clients read of it.
    expect(startup).toMatchObject({
      scan_id: expect.any(String) as string,
      mq_basename: startup["scan_id"],
      baseline_GCD_file: join(gcdDir, "baseline_gcd_135417.i3"),
      GCDQp_packet: { frames: ["G", "C", "D", "Q", "p"].map((stream) => [stream, expect.any(String) as string]) },
      "x-icetray": { skymapScanner: "3.22.1", algorithm: "millipede_original", realtimeFormatVersion: "2021a" },
    });

    const manifest = (await scan.manifest())!;
    expect(manifest.failures["failed units"]).toBe(0);
    const sky = JSON.parse(await readFile(join(directory, "out", `${bronzeName}_1_2.json`), "utf8")) as Record<string, Level>;
    const { columns, data } = sky["nside-1"]!;
    expect(columns).toEqual(["index", "llh", "E_in", "E_tot", "X", "Y", "Z", "T"]);
    expect(data).toHaveLength(12);
    expect(manifest.progress.tallies["total recos"]).toBe(7 * (12 + sky["nside-2"]!.data.length));
    for (const row of data) {
      for (const value of row) expect(value).toEqual(expect.any(Number));
      // Of the octahedron round the prepared seed (22.11, 509.5, 198.29), +y is where the stand-in's best vertex is.
      expect(row.slice(4)).toEqual([22.11, 529.5, 198.29, 30010].map((value) => expect.closeTo(value, 6) as number));
    }
  });
});
