import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { dataMissing, repositoryPath, runSkyscan } from "@skyscan/testing";
import type { SkyscanEnd } from "@skyscan/testing";
import { insideImage, makeEvent, makeGcdDirectory } from "../icetray/image-stand-in.ts";
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

/** Of servers and clients, inside the image; they find the baseline GCD file by themselves. */
const surroundings = (): Readonly<Record<string, string | undefined>> => ({
  ...insideImage("3.22.1"),
  SKYSCAN_GCD_SOURCES: gcdDir,
  SKYSCAN_GCD_URL: "none",
});

const warmPath = ["--reco-path", repositoryPath("resources/recos_warm")];

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
async function scanned(nsides: readonly string[], flags: readonly string[], more: object = {}): Promise<Ended> {
  const directory = await freshDirectory();
  const scan = scanning(directory, {
    event: bronze,
    eventName: bronzeName,
    reco: "millipede",
    nsides,
    env: { ...surroundings(), ...more },
  });
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
    warm = await scanned(["1:0", "2:2"], warmPath);
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
    // Two variations, not seven: a process for each fit takes its time.
    const fewer = { SKYSCAN_MINI_TEST: "true" };
    const { sky } = await scanned(["1:0"], [], fewer);
    expect(sky["nside-1"]!.data).toHaveLength(12);
    expect(sky).toEqual((await scanned(["1:0"], warmPath, fewer)).sky);
  });
});

test("a client that has another variant of the reco leaves with 7, and says which one the scan uses", async () => {
  const directory = await freshDirectory();
  const scan = scanning(directory, { reco: "millipede", nsides: ["1:0"], env: surroundings() });
  const server = scan.server("--gcd-dir", gcdDir, ...warmPath);
  await server.said("clients may start");
  const other = await scan.client().ended;
  expect(other.status).toBe(7);
  for (const text of ["millipede_original 3.22.1 (", "millipede_original 3.22.1-warm (", "--reco-path"]) {
    expect(other.stderr).toContain(text);
  }
});

describe("skyscan recos", () => {
  const skyscan = (args: readonly string[], env = surroundings()): Promise<SkyscanEnd> => runSkyscan(args, { env });

  test("lists IceTray's recos, and the other ways to run them", async () => {
    const { stdout } = await skyscan(["recos"]);
    expect(stdout).toMatch(/^millipede_original +3\.22\.1 +oneshot +resources .*\(also millipede\)$/m);
    expect(stdout).toMatch(
      /^run in another way with --reco-path .*\/resources\/recos_warm: millipede_original, millipede_wilks, splinempe/m,
    );
  });

  test("run: one unit of each way to run it gives the same, after its preparation", async () => {
    const directory = await freshDirectory();
    const event = await makeEvent(directory);
    // The v4 image looks for baseline GCD files in its own places.
    const standIn = join(directory, "icetray-stand-in");
    await cp(repositoryPath("test/icetray-stand-in"), standIn, { recursive: true });
    await makeGcdDirectory(join(standIn, "i3-data", "baseline_gcds"));
    const v4 = { ...surroundings(), SKYSCAN_ICETRAY_SHELL: join(standIn, "releases/v4.2.1/env-shell.sh") };
    const fit = async (path: string, env: ReturnType<typeof surroundings>): Promise<unknown> => {
      const flags = ["--unit", "1/5/3", "--event", event, "--gcd-dir", gcdDir, "--reco-path", repositoryPath("resources", path)];
      const end = await skyscan(["recos", "run", "millipede", ...flags], env);
      expect(end).toMatchObject({ status: 0 });
      return (JSON.parse(end.stdout) as { readonly result: unknown }).result;
    };
    const warm = await fit("recos_warm", surroundings());
    expect(warm).toMatchObject({ xM: 22.11, yM: 509.5, zM: 198.29 });
    expect(await fit("recos", surroundings())).toEqual(warm);
    expect(await fit("recos_v4", v4)).toEqual(warm);
  });

  test("check: prepares the event, and the warm reco conforms", async () => {
    const event = await makeEvent(await freshDirectory());
    const directory = repositoryPath("resources/recos_warm/millipede_wilks");
    const end = await skyscan(["recos", "check", directory, "--event", event, "--gcd-dir", gcdDir]);
    expect(end).toMatchObject({ status: 0 });
    expect(end.stdout).toMatch(/\nconforms\n$/);
  });
});
