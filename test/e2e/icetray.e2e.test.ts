import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { dataMissing, repositoryPath } from "@skyscan/testing";
import { insideImage, makeGcdDirectory } from "../icetray/image-stand-in.ts";
import { bronze, bronzeName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";
import type { Manifest } from "./scanning.ts";

// Whole scans with IceTray's recos, whose Python is a stand-in for the images' (test/icetray-stand-in).

const freshDirectory = freshDirectories();
let gcdDir: string;
beforeAll(async () => {
  gcdDir = await makeGcdDirectory(join(await freshDirectory(), "gcd"));
});

interface Level {
  readonly columns: readonly string[];
  readonly data: readonly (readonly number[])[];
}

interface Ended {
  readonly sky: Readonly<Record<string, Level>>;
  readonly startup: Record<string, unknown>;
  readonly manifest: Manifest;
}

/** A scan to its end, with two local clients that find the baseline GCD file by themselves. */
async function scanned(nsides: readonly string[], ...flags: readonly string[]): Promise<Ended> {
  const directory = await freshDirectory();
  const env = {
    ...insideImage("3.22.1"),
    SKYSCAN_GCD_SOURCES: gcdDir,
    SKYSCAN_GCD_URL: "none",
    SKYSCAN_RESULT_EXTRAS: "no",
  };
  const scan = scanning(directory, { event: bronze, eventName: bronzeName, reco: "millipede", nsides, env });
  const startup = join(directory, "kept-startup.json");
  const end = await scan.scan("--clients", "2", "--gcd-dir", gcdDir, "--client-startup-json", startup, ...flags).ended;
  expect(end).toMatchObject({ status: 0 });
  const result = join(directory, "out", `${bronzeName}_${nsides.map((step) => step.split(":")[0]).join("_")}.json`);
  return {
    sky: JSON.parse(await readFile(result, "utf8")) as Ended["sky"],
    startup: JSON.parse(await readFile(startup, "utf8")) as Ended["startup"],
    manifest: (await scan.manifest())!,
  };
}

describe.skipIf(dataMissing !== undefined)("a scan of a real alert with --reco-algo millipede", () => {
  let warm: Ended;
  beforeAll(async () => {
    warm = await scanned(["1:0", "2:2"], "--reco-path", repositoryPath("resources/recos_warm"));
  });

  test("prepares frames and seed in the image; the startup file has what the predecessor's clients read", () => {
    expect(warm.startup).toMatchObject({
      scan_id: expect.any(String) as string,
      mq_basename: warm.startup["scan_id"],
      baseline_GCD_file: join(gcdDir, "baseline_gcd_135417.i3"),
      GCDQp_packet: { frames: ["G", "C", "D", "Q", "p"].map((stream) => [stream, expect.any(String) as string]) },
      "x-icetray": { skymapScanner: "3.22.1", algorithm: "millipede_original", realtimeFormatVersion: "2021a" },
    });
  });

  test("tries seven vertices in each pixel, keeps the best, fills every column", () => {
    const { sky, manifest } = warm;
    const { columns, data } = sky["nside-1"]!;
    expect(manifest.failures["failed units"]).toBe(0);
    expect(columns).toEqual(["index", "llh", "E_in", "E_tot", "X", "Y", "Z", "T"]);
    expect(data).toHaveLength(12);
    expect(manifest.progress.tallies["total recos"]).toBe(7 * (12 + sky["nside-2"]!.data.length));
    for (const row of data) {
      for (const value of row) expect(value).toEqual(expect.any(Number));
      // Of the octahedron round the prepared seed (22.11, 509.5, 198.29), +y is where the stand-in's best vertex is.
      expect(row.slice(4)).toEqual([22.11, 529.5, 198.29, 30010].map((value) => expect.closeTo(value, 6) as number));
    }
  });

  test("gives the same numbers from one process of the image for each fit, as the predecessor's client starts them", async () => {
    const { sky } = await scanned(["1:0"]);
    expect(sky["nside-1"]).toEqual(warm.sky["nside-1"]);
  });
});
