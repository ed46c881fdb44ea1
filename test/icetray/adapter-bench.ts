import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { createRunner, readManifest, runPrepare, writeRecoFiles } from "@skyscan/recos";
import type { GcdPlaces, Prepared, Reco, RecoStartup, Runner, RunnerOptions, RunnerUnit } from "@skyscan/recos";
import { silentLogger } from "@skyscan/runtime";
import { repositoryPath } from "@skyscan/testing";
import { insideImage, makeEvent, makeGcdDirectory, makeTables } from "./image-stand-in.ts";
import type { Release } from "./image-stand-in.ts";

export const resources: string = repositoryPath("resources");
/** Directory of a reco that is served by the stream adapter. */
export const warm = (name: string): string => join(resources, "recos_warm", name);

type RunnerChange = Partial<RunnerOptions> & { readonly startup?: Partial<RecoStartup> & { readonly "x-icetray"?: object } };

/** Runs the adapters for real, each release of the image being a stand-in. */
export interface AdapterBench {
  readonly directory: string;
  /** A simulated event. */
  readonly event: string;
  readonly gcdDir: string;
  /** Where a client finds the baseline GCD file; nothing is downloaded. */
  readonly places: GcdPlaces;
  environmentOf(release: Release): NodeJS.ProcessEnv;
  prepared(reco: Reco, release: Release): Promise<Prepared>;
  startupOf(reco: Reco, more: Prepared): RecoStartup;
  /** A copy of a warm reco whose stand-in algorithm, or flags, are others; the adapters are where they were. */
  changed(name: string, change: (command: string[]) => string[]): Promise<Reco>;
  withRunner<T>(
    reco: Reco,
    release: Release,
    use: (runner: Runner, log: () => string) => Promise<T>,
    change?: RunnerChange,
  ): Promise<T>;
  dispose(): Promise<void>;
}

export const unitOf = (pixel: number, posvar = 0): RunnerUnit => ({
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

/** What the stand-in's algorithms answer. */
export const standInLlh = ({ payload: { direction, seed } }: RunnerUnit): number =>
  1000 +
  200 *
    (1 -
      (Math.cos(direction.zenithRad) * Math.cos(1.2) +
        Math.sin(direction.zenithRad) * Math.sin(1.2) * Math.cos(direction.azimuthRad - 3.4))) +
  0.001 * ((seed!.yM! - 529.5) ** 2 + (seed!.xM! - 22.11) ** 2 + (seed!.zM! - 198.29) ** 2);

/** For `changed`: another algorithm. */
export const algorithm =
  (name: string) =>
  (command: string[]): string[] =>
    command.map((word, at) => (command[at - 1] === "--algorithm" ? name : word));

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

export async function createAdapterBench(): Promise<AdapterBench> {
  const directory = await mkdtemp(join(tmpdir(), "skyscan-icetray-"));
  const event = await makeEvent(directory);
  const gcdDir = await makeGcdDirectory(join(directory, "gcd"));
  const i3Data = await makeTables(join(directory, "i3-data"));
  const places: GcdPlaces = { directories: [gcdDir], stagingDirectory: undefined, url: undefined };
  const environmentOf = (release: Release): NodeJS.ProcessEnv => ({ ...process.env, ...insideImage(release, i3Data) });

  async function prepared(reco: Reco, release: Release): Promise<Prepared> {
    const scratchDir = await mkdtemp(join(directory, "prepare-"));
    const options = { reco, eventFile: event, isRealEvent: false, gcdDir, scratchDir, environment: environmentOf(release) };
    const made = await runPrepare(options);
    expect(await readdir(scratchDir)).toEqual([]);
    return made!;
  }

  async function changed(name: string, change: (command: string[]) => string[]): Promise<Reco> {
    const copy = await mkdtemp(join(directory, "reco-"));
    const manifest = JSON.parse(
      (await readFile(join(warm(name), "reco.json"), "utf8")).replaceAll(
        "{{RECO_DIR}}/../../recos/icetray",
        join(resources, "recos/icetray"),
      ),
    ) as { run: { command: string[] }; prepare: { command: string[] } };
    manifest.run.command = change(manifest.run.command);
    manifest.prepare.command = change(manifest.prepare.command).filter((word) => !/^--renew|^-?\d+$/.test(word));
    await writeFile(join(copy, "reco.json"), JSON.stringify(manifest));
    return readManifest(copy);
  }

  async function withRunner<T>(
    reco: Reco,
    release: Release,
    use: (runner: Runner, log: () => string) => Promise<T>,
    change: RunnerChange = {},
  ): Promise<T> {
    const scratchDir = await mkdtemp(join(directory, "scratch-"));
    const startup = { ...startupOf(reco, await prepared(reco, release)), ...change.startup };
    const files = await writeRecoFiles({ reco, startup, directory: scratchDir, gcd: places, logger: silentLogger });
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
      ...change,
    });
    try {
      return await use(runner, () => log);
    } finally {
      await runner.close();
    }
  }

  return {
    directory,
    event,
    gcdDir,
    places,
    environmentOf,
    prepared,
    startupOf,
    changed,
    withRunner,
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
}
