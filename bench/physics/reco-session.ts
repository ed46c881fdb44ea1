import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventForReco } from "@skyscan/icecube";
import type { DetectorDirection, Event, Geometry } from "@skyscan/icecube";
import { createRunner, loadRegistry, writeRecoStartup } from "@skyscan/recos";
import type { RecoOptions, RegisteredReco } from "@skyscan/recos";
import { processEnvironment, silentLogger } from "@skyscan/runtime";

/** One reco with one event loaded. */
export interface RecoSession extends AsyncDisposable {
  /** The llh of every direction, in order; NaN for an honest failed fit. @throws Error for any other failure */
  fit(directions: readonly DetectorDirection[]): Promise<number[]>;
  /** Processor time of the reco's process so far, ms (Linux). */
  readonly pid: number | undefined;
}

const registry = loadRegistry({ recoPath: [] });

/** @throws RecoError for an unknown name */
export const recoOf = (name: string): RegisteredReco => registry.find(name);

/** Brings reco and event together as a client does: the same process, the same messages. */
export async function openReco(name: string, event: Event, geometry: Geometry, recoOptions?: RecoOptions): Promise<RecoSession> {
  const reco = recoOf(name);
  const directory = await mkdtemp(join(tmpdir(), "skyscan-physics-"));
  const startupPath = join(directory, "client-startup.json");
  const { doms, recorded, ...rest } = eventForReco(event, geometry);
  await writeRecoStartup(
    {
      version: 1,
      scan_id: event.name,
      mq_basename: event.name,
      reco_algo: name,
      reco: {
        name,
        version: reco.manifest.version,
        manifestSha256: reco.manifestSha256,
        options: { ...recoOptions },
      },
      event: {
        ...rest,
        doms: doms.map((dom) => ({ ...dom, pulses: dom.pulses.map((pulse) => [...pulse] as [number, number, number, number]) })),
        recorded: { ...recorded },
      },
      baseline_GCD_file: null,
      GCDQp_packet: null,
      ended: false,
    },
    startupPath,
  );
  let pid: number | undefined;
  const runner = createRunner({
    reco,
    ...(recoOptions !== undefined && { recoOptions }),
    startupPath,
    slot: 0,
    scratchDir: join(directory, "scratch"),
    logger: silentLogger,
    environment: processEnvironment(),
    observer: { started: (about) => void ({ pid } = about) },
  });
  const never = new AbortController().signal;
  const fitOne = async (direction: DetectorDirection, index: number): Promise<number> => {
    const outcome = await runner.run(
      {
        unit: String(index),
        attempt: 1,
        payload: {
          nside: 1,
          pixel: 0,
          posvar: 0,
          direction: { ...direction, raRad: 0, decRad: 0 },
          seed: null,
          fallbackSeed: null,
        },
      },
      never,
    );
    if (outcome.kind === "result") return outcome.result.llh ?? NaN;
    throw new Error(
      `${name} on ${event.name}: ${outcome.kind === "failure" ? `${outcome.code}: ${outcome.message}` : outcome.kind}`,
    );
  };
  return {
    async fit(directions) {
      const llhs = new Array<number>(directions.length).fill(NaN);
      let next = 0;
      const lane = async (): Promise<void> => {
        for (let i = next++; i < directions.length; i = next++) llhs[i] = await fitOne(directions[i]!, i);
      };
      await Promise.all(Array.from({ length: runner.inFlight }, lane));
      return llhs;
    },
    get pid() {
      return pid;
    },
    async [Symbol.asyncDispose]() {
      await runner.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
