import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { skyDistance } from "@skyscan/healpix";
import { createSkyFrame, encodeEvent, icecube86, parseEvent, writeEventFile } from "@skyscan/icecube";
import { writeFileAtomically } from "@skyscan/runtime";
import { simulateTrack } from "@skyscan/simulation";
import type { IceName, SimulatedEvent } from "@skyscan/simulation";
import { pullsOf, searchAround } from "./local-search.ts";
import { openReco, recoOf } from "./reco-session.ts";
import { scanWhole } from "./whole-scan.ts";

/** How far the minimum was from the truth of one event. */
export interface Measured {
  readonly reco: string;
  readonly ice: IceName;
  readonly seed: number;
  readonly signalModules: number;
  /** 2 (llh at the truth - lowest llh). Below 0 when a scan's pixel centres all miss the minimum by more than the truth does. */
  readonly twoDeltaLlh: number;
  readonly errorDeg: number;
  readonly pulls: readonly [number, number] | null;
  /** What the figures are made from; when it changes, kept ones are measured anew. */
  readonly made: string;
}

export interface CoverageRequest {
  readonly reco: string;
  readonly ice: IceName;
  readonly events: number;
  readonly firstSeed: number;
  readonly wholeScans: boolean;
  readonly lanes: number;
  readonly resumeDir: string | undefined;
  readonly onEvent: (measured: Measured, kept: boolean) => void;
}

/** Measures every event, `lanes` at a time; those kept in the resume directory are not measured again. */
export async function measureCoverage(request: CoverageRequest): Promise<Measured[]> {
  const measured: Measured[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < request.events; i = next++) {
      const seed = request.firstSeed + i;
      const made = await digestOf(request, simulateTrack({ seed, ice: request.ice }));
      const kept = await readKept(request, seed, made);
      const one = kept ?? (await measure(request, seed, made));
      if (kept === undefined) await keep(request, one);
      measured[i] = one;
      request.onEvent(one, kept !== undefined);
    }
  };
  await Promise.all(Array.from({ length: Math.min(request.lanes, request.events) }, lane));
  return measured;
}

const measure = (request: CoverageRequest, seed: number, made: string): Promise<Measured> =>
  request.wholeScans ? measureByScan(request, seed, made) : measureLocally(request, seed, made);

async function measureLocally({ reco, ice }: CoverageRequest, seed: number, made: string): Promise<Measured> {
  const { event, truth, signalDoms } = simulateTrack({ seed, ice });
  const sky = createSkyFrame(truth.mjd);
  await using session = await openReco(reco, parseEvent(encodeEvent(event), `seed ${seed}`), icecube86());
  const [llhAtTruth] = await session.fit([truth]);
  const minimum = await searchAround(session, sky, truth);
  const pulls = await pullsOf(session, minimum, truth);
  return {
    reco,
    ice,
    seed,
    signalModules: signalDoms,
    twoDeltaLlh: 2 * (llhAtTruth! - minimum.llh),
    errorDeg: degrees(skyDistance(sky.dirToEqua(minimum.zenithRad, minimum.azimuthRad), truth)),
    pulls: pulls ?? null,
    made,
  };
}

async function measureByScan({ reco, ice, resumeDir }: CoverageRequest, seed: number, made: string): Promise<Measured> {
  const { event, truth, signalDoms } = simulateTrack({ seed, ice });
  const temporary = resumeDir === undefined ? await mkdtemp(join(tmpdir(), "skyscan-physics-")) : undefined;
  const directory = temporary ?? join(resumeDir!, `scan-${reco}-${ice}-${seed}`);
  try {
    await mkdir(directory, { recursive: true });
    const eventFile = join(directory, "event.json");
    await writeEventFile(eventFile, event);
    const best = await scanWhole({ eventFile, reco, directory, clients: 1 });
    await using session = await openReco(reco, parseEvent(encodeEvent(event), `seed ${seed}`), icecube86());
    const [llhAtTruth] = await session.fit([truth]);
    return {
      reco,
      ice,
      seed,
      signalModules: signalDoms,
      twoDeltaLlh: 2 * (llhAtTruth! - best.llh),
      errorDeg: degrees(skyDistance(best, truth)),
      pulls: null,
      made,
    };
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
}

const degrees = (radians: number): number => (radians * 180) / Math.PI;

/** Raised when the search or what is measured changes. */
const searchVersion = 1;

/** Event, reco (manifest and executable) and way of measuring. */
async function digestOf({ reco, wholeScans }: CoverageRequest, { event }: SimulatedEvent): Promise<string> {
  const { manifestSha256, manifest, dir } = recoOf(reco);
  const executable = await readFile(join(dir, manifest.run.command[0]!)).catch(() => "");
  return createHash("sha256")
    .update(JSON.stringify([searchVersion, reco, manifestSha256, wholeScans]))
    .update(executable)
    .update(encodeEvent(event))
    .digest("hex");
}

const keptPath = ({ resumeDir, reco, ice, wholeScans }: CoverageRequest, seed: number): string | undefined =>
  resumeDir === undefined ? undefined : join(resumeDir, `${wholeScans ? "scan" : "local"}-${reco}-${ice}-${seed}.json`);

async function readKept(request: CoverageRequest, seed: number, made: string): Promise<Measured | undefined> {
  const path = keptPath(request, seed);
  if (path === undefined) return undefined;
  const text = await readFile(path, "utf8").catch(() => undefined);
  const kept = text === undefined ? undefined : (JSON.parse(text) as Measured);
  return kept?.made === made ? kept : undefined;
}

async function keep(request: CoverageRequest, measured: Measured): Promise<void> {
  const path = keptPath(request, measured.seed);
  if (path !== undefined) await writeFileAtomically(path, `${JSON.stringify(measured, null, 2)}\n`);
}
