import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import {
  IceCubeError,
  createSkyFrame,
  defaultSeed,
  eventForReco,
  geometryByName,
  loadGeometry,
  readEventFile,
  recordedFit,
} from "@skyscan/icecube";
import type { Event, Geometry } from "@skyscan/icecube";
import { skyToRing } from "@skyscan/healpix";
import { gcdPlaces, loadRegistry, parseRecoOptions, recoPathEntries, stageBaselineGcd } from "@skyscan/recos";
import type { BaselineGcd, Reco } from "@skyscan/recos";
import type { StartupEvent } from "@skyscan/protocol";
import { UsageError, codeOf, fileSha256, messageOf } from "@skyscan/runtime";
import type { Logger, SettingValues } from "@skyscan/runtime";
import type { serverSettingTable } from "./env.ts";
import { formatNsides, parseNsides } from "../sky/nsides.ts";
import type { NsideStep } from "../sky/nsides.ts";
import type { ScanRequest } from "./request.ts";
import type { SeedRules } from "../sky/seeds.ts";
import { vertexOffsets } from "../sky/variations.ts";

/** All that decides what a scan's units are, read and checked before anything is written. */
export interface ScanInputs {
  readonly event: Event;
  readonly isRealEvent: boolean;
  readonly reco: Reco;
  readonly recoOptions: Readonly<Record<string, string>>;
  readonly steps: readonly NsideStep[];
  readonly seedRules: SeedRules;
  /** Only the pixels round this direction, for pointed scans. */
  readonly pointed: { readonly pixel: number; readonly radiusRad: number } | undefined;
  /** For the startup file; null where the reco does not need it. */
  readonly startupEvent: StartupEvent | null;
  readonly baselineGcd: BaselineGcd | null;
  readonly gcdqpPacket: { readonly frames: readonly (readonly [string, string])[] } | null;
  /** Of everything that changes units. */
  readonly digest: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The part of a request that decides on the units. */
export type InputsRequest = Pick<
  ScanRequest,
  | "eventFile"
  | "recoAlgo"
  | "recoOptions"
  | "recoPath"
  | "cacheDir"
  | "gcdDir"
  | "geometry"
  | "nsides"
  | "predictiveScanningThreshold"
  | "realEvent"
  | "seed"
>;

/** @throws UsageError with every problem that can be found at once. */
export async function readInputs(
  request: InputsRequest,
  environment: SettingValues<typeof serverSettingTable>,
  logger: Logger,
  signal?: AbortSignal,
): Promise<ScanInputs> {
  const problems: string[] = [];
  const collect = async <T>(what: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await what();
    } catch (error) {
      if (!isInputError(error)) throw error;
      problems.push(...(error instanceof UsageError ? error.problems : [messageOf(error)]));
      return undefined;
    }
  };
  if (environment.skydriverAddress !== undefined) {
    problems.push("SKYSCAN_SKYDRIVER_ADDRESS is set, but sending results to SkyDriver is not supported yet: unset it");
  }
  const threshold = request.predictiveScanningThreshold;
  if (!(threshold >= 0.1 && threshold <= 1)) {
    problems.push(`--predictive-scanning-threshold ${threshold} is not allowed: it takes a number from 0.1 to 1.0`);
  }
  const nsides = await collect(() => parseNsides(request.nsides));
  const reco = await collect(() => {
    const registry = loadRegistry({ recoPath: recoPathEntries(request.recoPath, environment.recoPath) });
    for (const problem of registry.problems) logger.warn({ problem }, "a reco cannot be used");
    return registry.find(request.recoAlgo);
  });
  const recoOptions =
    reco &&
    (await collect(() =>
      parseRecoOptions(
        reco.manifest,
        Object.entries(request.recoOptions).map(([name, value]) => `${name}=${value}`),
      ),
    ));
  const eventSha256 = await collect(() => sha256Of("--event-file", request.eventFile));
  const event = eventSha256 === undefined ? undefined : await collect(() => readEventFile(request.eventFile));
  const isRealEvent = event && (await collect(() => decideReal(event, request.realEvent)));
  const geometry = event && (await collect(() => readGeometry(request.geometry, event)));
  if (
    problems.length > 0 ||
    nsides === undefined ||
    reco === undefined ||
    recoOptions === undefined ||
    event === undefined ||
    isRealEvent === undefined ||
    geometry === undefined
  ) {
    throw new UsageError(problems);
  }
  if (nsides.deprecated)
    logger.warn(
      { nsides: formatNsides(nsides.steps) },
      "--nsides without extensions is the syntax of v3.4: read as this progression",
    );

  const needs = new Set<string>(reco.manifest.needs);
  const startupEvent = await collect(() =>
    needs.has("hits") || reco.manifest.seeding.refineTime ? hitsOf(event, geometry, isRealEvent) : metadataOf(event, isRealEvent),
  );
  const gcd = await collect(() => (needs.has("gcdqp") ? baselineGcd(event, request, environment, logger, signal) : null));
  const seedRules = startupEvent && (await collect(() => seedRulesOf(event, geometry, reco, startupEvent, environment.miniTest)));
  const pointed = await collect(() => pointedAt(event, reco, nsides.steps));
  if (problems.length > 0 || startupEvent === undefined || seedRules === undefined) throw new UsageError(problems);

  const settings = {
    event: event.name,
    eventSha256: eventSha256,
    geometry:
      geometry.name === "table"
        ? { file: request.geometry, sha256: await sha256Of("--geometry", request.geometry!) }
        : geometry.name,
    gcd: gcd === undefined || gcd === null ? null : { name: basename(gcd.path), sha256: gcd.sha256 },
    reco: reco.manifest.name,
    recoVersion: reco.manifest.version,
    manifestSha256: reco.manifestSha256,
    recoOptions,
    nsides: formatNsides(nsides.steps),
    predictiveScanningThreshold: threshold,
    positionVariations: seedRules.offsetsM.length,
    isRealEvent,
    seed: request.seed ?? null,
  };
  return {
    event,
    isRealEvent,
    reco,
    recoOptions,
    steps: nsides.steps,
    seedRules,
    pointed,
    startupEvent: needs.has("hits") ? startupEvent : metadataOf(event, isRealEvent),
    baselineGcd: gcd ?? null,
    gcdqpPacket: needs.has("gcdqp")
      ? { frames: event.packedFrames.map(([stream, base64]) => [stream === "P" ? "p" : stream, base64] as const) }
      : null,
    digest: createHash("sha256").update(JSON.stringify(settings)).digest("hex"),
    settings,
  };
}

const isInputError = (error: unknown): boolean =>
  error instanceof UsageError || error instanceof IceCubeError || (error instanceof Error && error.name === "RecoError");

async function sha256Of(flag: string, path: string): Promise<string> {
  try {
    return await fileSha256(path);
  } catch (error) {
    const why = codeOf(error) === "ENOENT" ? "there is no such file" : messageOf(error);
    throw new UsageError(`${flag} ${path}: ${why}`);
  }
}

/** Real events have a run id of six digits; what the user says must fit. */
function decideReal(event: Event, said: boolean | undefined): boolean {
  const { runId, isRealEvent } = event.metadata;
  const decided = said ?? isRealEvent;
  if (decided === undefined) {
    throw new UsageError(
      `the event does not tell whether it is real or simulated (run id ${runId}): give --real-event or --simulated-event`,
    );
  }
  if (decided && !(runId >= 1e5 && runId < 1e6)) {
    throw new UsageError(
      `--real-event: run id ${runId} is out of range, real events have 100000 to 999999; is it --simulated-event?`,
    );
  }
  return decided;
}

function readGeometry(given: string | undefined, event: Event): Promise<Geometry> {
  if (given === undefined && event.simulatedGeometry === "table") {
    throw new UsageError("the event was simulated with module positions from a file: give that file with --geometry");
  }
  // A file may name a built-in geometry; no other file.
  return given === undefined ? Promise.resolve(geometryByName(event.simulatedGeometry ?? "icecube86")) : loadGeometry(given);
}

function hitsOf(event: Event, geometry: Geometry, isRealEvent: boolean): StartupEvent {
  const { doms, recorded, ...rest } = eventForReco(event, geometry, isRealEvent);
  return {
    ...rest,
    doms: doms.map((dom) => ({ ...dom, pulses: dom.pulses.map((pulse) => [...pulse] as [number, number, number, number]) })),
    recorded: { ...recorded },
  };
}

/** For recos that need no hits: what the event is, without its modules. */
function metadataOf(event: Event, isRealEvent: boolean): StartupEvent {
  const { runId, eventId, eventType, mjd } = event.metadata;
  return {
    runId,
    eventId,
    eventType,
    mjd,
    isRealEvent,
    pulseSeries: event.pulseSeries,
    realtimeFormatVersion: event.statedFormatVersion,
    doms: [],
    recorded: {},
  };
}

/** Events of 2016 say `current-gcd`; this is the file that was current, and that the predecessor took. */
const currentGcdOf2016 = "2016_01_08_Run127381.i3";

async function baselineGcd(
  event: Event,
  request: Pick<InputsRequest, "gcdDir" | "cacheDir">,
  environment: SettingValues<typeof serverSettingTable>,
  logger: Logger,
  signal: AbortSignal | undefined,
): Promise<BaselineGcd | null> {
  if (event.baselineGcd === undefined) return null;
  const name = event.baselineGcd === "current-gcd" ? currentGcdOf2016 : event.baselineGcd;
  const places = gcdPlaces(environment, { first: [request.gcdDir], staging: join(request.cacheDir, "baseline-gcd") });
  return stageBaselineGcd(name, { places, logger, signal });
}

function seedRulesOf(event: Event, geometry: Geometry, reco: Reco, startupEvent: StartupEvent, miniTest: boolean): SeedRules {
  const { seeding } = reco.manifest;
  const offsets = vertexOffsets(seeding.vertexVariations);
  const firstHlcHits = startupEvent.doms.flatMap((dom) => {
    const pulse = dom.pulses.find((candidate) => (candidate[3] & 1) === 1);
    return pulse === undefined ? [] : [{ xM: dom.xM, yM: dom.yM, zM: dom.zM, timeNs: pulse[0] }];
  });
  return {
    skyFrame: createSkyFrame(event.metadata.mjd),
    eventSeed: defaultSeed(event, geometry),
    offsetsM: miniTest ? offsets.slice(0, 2) : offsets,
    rotateVertex: seeding.rotateVertex,
    addFallbackPosition: seeding.addFallbackPosition,
    refineTimeFrom: seeding.refineTime ? firstHlcHits : undefined,
  };
}

function pointedAt(event: Event, reco: Reco, steps: readonly NsideStep[]): ScanInputs["pointed"] {
  const { pointing } = reco.manifest.seeding;
  if (pointing === null) return undefined;
  const [only, ...others] = steps;
  if (only === undefined || others.length > 0) {
    throw new UsageError(
      `--nsides ${formatNsides(steps)}: ${reco.manifest.name} scans round a given track, with a progression of one nside only`,
    );
  }
  const fit = recordedFit(event, pointing.particle);
  if (fit === undefined || !Number.isFinite(fit.zenithRad + fit.azimuthRad)) {
    throw new UsageError(`${reco.manifest.name} scans round the track ${pointing.particle}, which the event does not hold`);
  }
  const { raRad, decRad } = createSkyFrame(event.metadata.mjd).dirToEqua(fit.zenithRad, fit.azimuthRad);
  return { pixel: skyToRing(only.nside, raRad, decRad), radiusRad: (pointing.radiusDeg * Math.PI) / 180 };
}
