// The two Python programs in resources/recos/icetray, run for real against a stand-in for the images' Python (test/icetray-stand-in).
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packedFrames, openFrame } from "@skyscan/icecube";
import { checkReco, createRunner, readManifest, runPrepare, writeRecoFiles } from "@skyscan/recos";
import type { CheckReport, GcdPlaces, Prepared, Reco, RecoStartup, Runner, RunnerOptions, RunnerUnit } from "@skyscan/recos";
import { silentLogger } from "@skyscan/runtime";
import { repositoryPath } from "@skyscan/testing";
import { insideImage, makeEvent, makeGcdDirectory, makeTables } from "./image-stand-in.ts";
import type { Release } from "./image-stand-in.ts";

const resources = repositoryPath("resources");
const warm = (name: string): string => join(resources, "recos_warm", name);

let directory: string;
let event: string;
let gcdDir: string;
let i3Data: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-icetray-"));
  event = await makeEvent(directory);
  gcdDir = await makeGcdDirectory(join(directory, "gcd"));
  i3Data = await makeTables(join(directory, "i3-data"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const environmentOf = (release: Release): NodeJS.ProcessEnv => ({ ...process.env, ...insideImage(release, i3Data) });

async function prepared(reco: Reco, release: Release): Promise<Prepared> {
  const scratchDir = await mkdtemp(join(directory, "prepare-"));
  const options = { reco, eventFile: event, isRealEvent: false, gcdDir, scratchDir, environment: environmentOf(release) };
  const made = await runPrepare(options);
  expect(await readdir(scratchDir)).toEqual([]);
  return made!;
}

function startupOf(reco: Reco, more: Prepared): RecoStartup {
  const { name, version } = reco.manifest;
  return {
    version: 1,
    scan_id: "icetray",
    mq_basename: "icetray",
    reco_algo: name,
    reco: { name, version, manifestSha256: reco.manifestSha256, options: {} },
    event: null,
    ...more,
    GCDQp_packet: more.GCDQp_packet,
    baseline_GCD_file: more.baseline_GCD_file ?? null,
    ended: false,
  };
}

/** Where a client finds the baseline GCD file; nothing is downloaded. */
const places = (): GcdPlaces => ({ directories: [gcdDir], stagingDirectory: undefined, url: undefined });

const unitOf = (pixel: number, posvar = 0): RunnerUnit => ({
  unit: `1/${pixel}/${posvar}`,
  attempt: 1,
  payload: {
    nside: 1,
    pixel,
    posvar,
    direction: { zenithRad: 1 + pixel / 10, azimuthRad: 3.4, raRad: 0.5, decRad: 0.6 },
    seed: { xM: 22.11, yM: 509.5, zM: 198.29, timeNs: 30000, energyGeV: null },
    fallbackSeed: null,
  },
});

const standInLlh = ({ payload: { direction, seed } }: RunnerUnit): number =>
  1000 +
  200 *
    (1 -
      (Math.cos(direction.zenithRad) * Math.cos(1.2) +
        Math.sin(direction.zenithRad) * Math.sin(1.2) * Math.cos(direction.azimuthRad - 3.4))) +
  0.001 * ((seed!.yM! - 529.5) ** 2 + (seed!.xM! - 22.11) ** 2 + (seed!.zM! - 198.29) ** 2);

/** A copy of a warm reco whose stand-in algorithm, or flags, are others; the adapters are where they were. */
async function changed(name: string, change: (command: string[]) => string[], more: object = {}): Promise<Reco> {
  const copy = await mkdtemp(join(directory, "reco-"));
  const manifest = JSON.parse(
    (await readFile(join(warm(name), "reco.json"), "utf8")).replaceAll(
      "{{RECO_DIR}}/../../recos/icetray",
      join(resources, "recos/icetray"),
    ),
  ) as { run: { command: string[] }; prepare: { command: string[] } };
  manifest.run.command = change(manifest.run.command);
  manifest.prepare.command = change(manifest.prepare.command).filter((word) => !/^--renew|^-?\d+$/.test(word));
  await writeFile(join(copy, "reco.json"), JSON.stringify({ ...manifest, ...more }));
  return readManifest(copy);
}
const algorithm =
  (name: string) =>
  (command: string[]): string[] =>
    command.map((word, at) => (command[at - 1] === "--algorithm" ? name : word));

async function withRunner<T>(
  reco: Reco,
  release: Release,
  use: (runner: Runner, log: () => string) => Promise<T>,
  options: Partial<RunnerOptions> & { readonly startup?: Partial<RecoStartup> & { readonly "x-icetray"?: object } } = {},
): Promise<T> {
  const scratchDir = await mkdtemp(join(directory, "scratch-"));
  const startup = { ...startupOf(reco, await prepared(reco, release)), ...options.startup };
  const files = await writeRecoFiles({ reco, startup, directory: scratchDir, gcd: places(), logger: silentLogger });
  let log = "";
  const runner = createRunner({
    reco,
    ...files,
    slot: 0,
    scratchDir,
    logger: silentLogger,
    environment: environmentOf(release),
    grace: { termMs: 300, leaveMs: 5_000 },
    observer: { stderr: (chunk) => (log += chunk.toString()) },
    ...options,
  });
  try {
    return await use(runner, () => log);
  } finally {
    await runner.close();
  }
}
const forever = new AbortController().signal;

describe("prepare", () => {
  test.each(["3.4.0", "3.21.0", "3.22.1", "4.2.1"] as const)(
    "gives frames, seed and the image's release, whatever the shape of its code: %s",
    async (release) => {
      const made = await prepared(readManifest(warm("millipede_original")), release);
      expect(made).toMatchObject({
        seed: { xM: 22.11, yM: 509.5, zM: 198.29, timeNs: 30000, energyGeV: null },
        baseline_GCD_file: join(gcdDir, "baseline_gcd_0.i3"),
        "x-icetray": { skymapScanner: release, algorithm: "millipede_original", realtimeFormatVersion: "2021a" },
      });
      const packed = packedFrames((made.GCDQp_packet as { frames: never }).frames);
      expect(packed.map(([stream]) => stream)).toEqual(["G", "C", "D", "Q", "p"]);
      const keys = openFrame(packed[4]!).frame.objects.map(({ key }) => key);
      expect(keys).toEqual(expect.arrayContaining(["I3EventHeader", "SplitUncleanedInIcePulsesHLC", "HESE_VHESelfVeto"]));
    },
  );

  test("says what it found where the image is another, or none", async () => {
    const unknown = await changed("millipede_original", algorithm("nosuch"));
    await expect(prepared(unknown, "3.22.1")).rejects.toMatchObject({
      code: "prepare-failed",
      message: expect.stringMatching(/no such algorithm; it has .*millipede_original/) as string,
    });
    const scratchDir = join(directory, "no-image");
    const reco = readManifest(warm("millipede_original"));
    const environment = { ...environmentOf("3.22.1"), SKYSCAN_ICETRAY_SHELL: repositoryPath("test/icetray-stand-in/nowhere.sh") };
    const options = { reco, eventFile: event, isRealEvent: false, gcdDir, scratchDir, environment };
    await expect(runPrepare(options)).rejects.toMatchObject({ message: expect.stringContaining("nowhere.sh") as string });
  });

  test("reads an event in a pickle as data: what would call something is refused", async () => {
    const bad = join(directory, "bad.pkl");
    await writeFile(bad, Buffer.from("\x80\x03cos\nsystem\nX\x04\x00\x00\x00true\x85R.", "latin1"));
    const scratchDir = join(directory, "bad-pickle");
    const reco = readManifest(warm("millipede_original"));
    const options = { reco, eventFile: bad, isRealEvent: false, gcdDir, scratchDir, environment: environmentOf("3.22.1") };
    await expect(runPrepare(options)).rejects.toMatchObject({
      message: expect.stringMatching(/holds plain data, this one names \w+.system/) as string,
    });
  });
});

describe("the stream adapter", () => {
  const check = async (reco: Reco, release: Release): Promise<CheckReport> =>
    checkReco(reco.dir, {
      scratchDir: await mkdtemp(join(directory, "check-")),
      environment: environmentOf(release),
      logger: silentLogger,
      gcd: places(),
      startup: startupOf(reco, await prepared(reco, release)),
      units: [0, 4, 7, 11].map((pixel) => unitOf(pixel)),
      grace: { termMs: 300, leaveMs: 5_000 },
    });

  test.each([
    ["millipede_original", "3.21.0"],
    ["millipede_original", "3.22.1"],
    ["millipede_wilks", "4.2.1"],
    ["splinempe", "3.22.1"],
  ] as const)("conforms with %s of %s: noise on stdout, odd units, the end of stdin", async (name, release) => {
    const report = await check(readManifest(warm(name)), release);
    expect(report.lines.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(report.conforms).toBe(true);
  });

  test("gives what the image's code gives, and loads the tables once for all units", async () => {
    await withRunner(readManifest(warm("millipede_original")), "3.22.1", async (runner, log) => {
      for (const unit of [unitOf(0), unitOf(1, 3), unitOf(0)]) {
        expect(await runner.run(unit, forever)).toMatchObject({
          kind: "result",
          result: {
            llh: expect.closeTo(standInLlh(unit), 9) as number,
            eInGeV: expect.any(Number) as number,
            xM: 22.11,
            yM: 519.5,
            timeNs: 30010,
          },
        });
      }
      expect(log().match(/tables of MillipedeOriginal loaded/g)).toHaveLength(1);
    });
    await withRunner(readManifest(warm("splinempe")), "3.22.1", async (runner) => {
      const outcome = await runner.run(unitOf(2), forever);
      expect(outcome).toMatchObject({ kind: "result", result: { eInGeV: null, eTotGeV: null } });
    });
  });

  test("answers a unit that raises with an error, and goes on; a hung one is killed, and the next gets a fresh process", async () => {
    const reco = await changed("millipede_original", algorithm("crash_dummy"));
    await withRunner(
      reco,
      "3.22.1",
      async (runner, log) => {
        expect(await runner.run(unitOf(0), forever)).toMatchObject({ kind: "result" });
        expect(await runner.run(unitOf(1), forever)).toMatchObject({
          kind: "failure",
          code: "internal",
          retry: true,
          message: "KeyError('MillipedeStarting2ndPass')",
          stderrTail: expect.stringContaining("Traceback") as string,
        });
        expect(await runner.run(unitOf(3), forever)).toMatchObject({ kind: "result" });
        expect(log().match(/tables of CrashDummy loaded/g)).toHaveLength(1);
        expect(await runner.run(unitOf(2), forever)).toMatchObject({ kind: "failure", code: "timed-out" });
        expect(await runner.run(unitOf(6), forever)).toMatchObject({ kind: "result" });
        expect(log().match(/tables of CrashDummy loaded/g)).toHaveLength(2);
      },
      { timeoutSec: 5 },
    );
  });

  test("refuses a unit without a vertex for good", async () => {
    await withRunner(readManifest(warm("millipede_original")), "3.22.1", async (runner) => {
      const unit = unitOf(0);
      const outcome = await runner.run({ ...unit, payload: { ...unit.payload, seed: null } }, forever);
      expect(outcome).toMatchObject({ kind: "failure", code: "bad-input", retry: false });
    });
  });

  test("starts anew after so many units, or when it has grown so much, and no unit notices", async () => {
    for (const flags of [
      ["--renew-after-units", "2"],
      ["--renew-after-growth-mb", "-1"],
    ]) {
      const reco = await changed("millipede_original", (command) => [...command, ...flags]);
      await withRunner(reco, "3.22.1", async (runner, log) => {
        for (const pixel of [0, 1, 2, 3, 4]) {
          const unit = unitOf(pixel);
          const outcome = await runner.run(unit, forever);
          expect(outcome).toMatchObject({ kind: "result", result: { llh: expect.closeTo(standInLlh(unit), 9) as number } });
        }
        expect(log().match(/starting anew after/g)!.length).toBeGreaterThanOrEqual(2);
      });
    }
  });

  test.each([
    ["another release", {}, "4.2.1", /prepared with skymapScanner 3\.22\.1, here it is 4\.2\.1: use the same image/],
    ["a release that answers in pickles", {}, "3.4.0", /skymap_scanner 3\.4\.0 answers in pickles/],
    ["no packet", { GCDQp_packet: null }, "3.22.1", /carries no GCDQp_packet/],
  ] as const)("does not start with %s, and says so", async (_what, startup, release, message) => {
    const reco = readManifest(warm("millipede_original"));
    await withRunner(
      reco,
      "3.22.1",
      async (runner) => {
        await expect(runner.run(unitOf(0), forever)).rejects.toMatchObject({
          code: "start-failed",
          message: expect.stringMatching(message) as string,
        });
      },
      { startup, environment: environmentOf(release) },
    );
  });

  test("does not start without its tables, and says which and where it looked", async () => {
    const environment = { ...environmentOf("3.22.1"), I3_DATA: "/nowhere" };
    await withRunner(
      readManifest(warm("splinempe")),
      "3.22.1",
      async (runner) => {
        await expect(runner.run(unitOf(0), forever)).rejects.toMatchObject({
          code: "start-failed",
          message: expect.stringMatching(/InfBareMu_mie_prob_z20a10_V2\.fits.*\/nowhere/s) as string,
        });
      },
      { environment },
    );
  });

  test("does not start with code of a shape that it does not know, and says what it found", async () => {
    const odd = join(directory, "odd-image");
    await cp(repositoryPath("test/icetray-stand-in"), odd, { recursive: true });
    const file = join(odd, "python/skymap_scanner/client/reco_icetray.py");
    const source = await readFile(file, "utf8");
    await writeFile(
      file,
      source.replace("outfile, realtime_format_version):\n        return", "outfile, more, still_more):\n        return"),
    );
    const reco = readManifest(warm("millipede_original"));
    const environment = { ...environmentOf("3.22.1"), SKYSCAN_ICETRAY_SHELL: join(odd, "releases/v3.22.1/env-shell.sh") };
    await withRunner(
      reco,
      "3.22.1",
      async (runner) => {
        await expect(runner.run(unitOf(0), forever)).rejects.toMatchObject({
          message: expect.stringMatching(
            /reco_pixel takes \(reco_algo, pframe, GCDQp_packet, baseline_GCD_file, outfile, more/,
          ) as string,
        });
      },
      { environment },
    );
  });
});

test("the adapters are Python that 3.8 understands", async () => {
  const found = await readdir(join(resources, "recos/icetray"), { recursive: true });
  const files = found.filter((name) => name.endsWith(".py")).map((name) => join(resources, "recos/icetray", name));
  expect(files.length).toBeGreaterThan(5);
  const program = "import ast, sys\nfor name in sys.argv[1:]: ast.parse(open(name).read(), name, feature_version=(3, 8))";
  await promisify(execFile)("python3", ["-c", program, ...files]);
});

test("the environment shell is entered where it is needed, and not twice", async () => {
  const script = join(resources, "recos/icetray/in-icetray.sh");
  const run = async (environment: NodeJS.ProcessEnv, ...command: readonly string[]): Promise<string> =>
    (await promisify(execFile)("sh", [script, ...command], { env: environment })).stdout;
  await mkdir(join(directory, "shell"), { recursive: true });
  const outside = environmentOf("3.22.1");
  expect(await run(outside, "sh", "-c", "echo $I3_BUILD $OPENBLAS_CORETYPE")).toMatch(/releases\/v3\.22\.1 Haswell\n$/);
  const inside = { ...outside, I3_BUILD: "/usr/local/icetray", OPENBLAS_CORETYPE: "Zen" };
  expect(await run(inside, "sh", "-c", "echo $I3_BUILD $OPENBLAS_CORETYPE")).toBe("/usr/local/icetray Zen\n");
  await expect(run(outside)).rejects.toMatchObject({ code: 2 });
});
