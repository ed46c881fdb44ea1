import {
  createSkyFrame,
  daqTimeToMjd,
  fitStatus,
  IceCubeError,
  icecube86,
  mjdToDaqTime,
  particleShape,
  speedOfLightMPerNs,
  type EventToWrite,
  type Geometry,
  type Position,
  type SkyFrame,
} from "@skyscan/icecube";
import { travelDirection, type Track } from "./cherenkov.ts";
import { respond, type DetectorResponse, type ResponseOptions } from "./detector-response.ts";
import { createRandom, type Random } from "./random.ts";

/** What to simulate. Only the seed is needed. */
export interface TrackOptions extends Partial<ResponseOptions> {
  /** Integer in [0, 2^32): the whole event follows from it and the other options. Also the default event id. */
  readonly seed: number;
  /** Default IceCube-86. A geometry that is no built-in one has to be given again when the event is scanned. */
  readonly geometry?: Geometry;
  /** Where the track comes from (ICRS). Default: random, horizontal or upgoing in the detector. */
  readonly origin?: { readonly raRad: number; readonly decRad: number };
  /** Modified Julian date, UTC. Default: random within 2024. */
  readonly mjd?: number;
  /** Default 1, outside the range of real runs. */
  readonly runId?: number;
  readonly eventId?: number;
  /** Tracks that light fewer modules are drawn again. Default 60. */
  readonly minSignalDoms?: number;
}

/** The true track, in the sky and in the detector. */
export interface TrackTruth {
  readonly raRad: number;
  readonly decRad: number;
  readonly zenithRad: number;
  readonly azimuthRad: number;
  /** The point of the track closest to the detector's centre, and when the particle is there. */
  readonly vertex: Position;
  readonly timeNs: number;
  readonly mjd: number;
}

/** An event with known truth; `event` goes to `writeEventFile`. */
export interface SimulatedTrack {
  readonly event: EventToWrite;
  readonly truth: TrackTruth;
  /** Modules that saw light of the track; the others in the event saw only noise. */
  readonly signalDoms: number;
}

const defaults: ResponseOptions = { brightness: 40, jitterNs: 4, noiseHz: 500, windowNs: 20_000 };
/** When the particle is closest to the detector's centre. */
const passageNs = 9000;
/** The closest point of the track lies within this distance of the centre. */
const maxImpactM = 350;
const maxTries = 200;

/**
 * Simulates a muon track through the detector by the model that the `pandel` recos assume: homogeneous ice, light from a bare
 * track, Pandel distributed delays. Real ice is layered and real tracks have bright spots, so recos do better here than there.
 * @throws IceCubeError `invalid` when an option is out of range, or no track of that direction lights enough modules
 */
export function simulateTrack(options: TrackOptions): SimulatedTrack {
  const { seed, geometry = icecube86(), runId = 1, minSignalDoms = 60 } = options;
  const eventId = options.eventId ?? seed;
  for (const [name, value] of Object.entries({ seed, runId, eventId })) {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32)
      throw new IceCubeError("invalid", `${name} ${value}: an integer in [0, 2^32) is needed`);
  }
  const response = responseOptions(options);
  const random = createRandom(seed);
  const start = mjdToDaqTime(options.mjd ?? 60310 + 366 * random.uniform());
  const sky = createSkyFrame(daqTimeToMjd(start));
  const { truth, detector } = drawTrack(random, sky, geometry, response, options.origin, minSignalDoms);
  const event: EventToWrite = {
    runId,
    eventId,
    eventType: "neutrino",
    start,
    durationNs: response.windowNs,
    doms: detector.doms,
    simulated: {
      geometry: geometry.name,
      truth: {
        minorId: 1,
        majorId: BigInt(runId) * 2n ** 32n + BigInt(eventId),
        pdg: 13,
        shape: particleShape.infiniteTrack,
        fitStatus: fitStatus.ok,
        position: truth.vertex,
        zenithRad: truth.zenithRad,
        azimuthRad: truth.azimuthRad,
        timeNs: truth.timeNs,
        energyGeV: NaN,
        lengthM: NaN,
        speedMPerNs: speedOfLightMPerNs,
        locationType: 0,
      },
    },
  };
  return { event, truth, signalDoms: detector.signalDoms };
}

function responseOptions(options: TrackOptions): ResponseOptions {
  const response = { ...defaults };
  for (const name of ["brightness", "jitterNs", "noiseHz", "windowNs"] as const) {
    const value = options[name];
    if (value === undefined) continue;
    if (!(value >= 0 && value < 1e9)) throw new IceCubeError("invalid", `${name} ${value}: a number from 0 is needed`);
    response[name] = value;
  }
  return response;
}

function drawTrack(
  random: Random,
  sky: SkyFrame,
  geometry: Geometry,
  response: ResponseOptions,
  origin: TrackOptions["origin"],
  minSignalDoms: number,
): { truth: TrackTruth; detector: DetectorResponse } {
  for (let tries = 0; tries < maxTries; tries++) {
    const { zenithRad, azimuthRad } = origin === undefined ? drawDirection(random) : sky.equaToDir(origin.raRad, origin.decRad);
    const direction = travelDirection(zenithRad, azimuthRad);
    const track: Track = { point: drawImpact(random, geometry, direction), timeNs: passageNs, direction };
    const detector = respond(track, geometry, random, response);
    if (detector.signalDoms < minSignalDoms) continue;
    const { raRad, decRad } = origin ?? sky.dirToEqua(zenithRad, azimuthRad);
    return { truth: { raRad, decRad, zenithRad, azimuthRad, vertex: track.point, timeNs: passageNs, mjd: sky.mjd }, detector };
  }
  throw new IceCubeError(
    "invalid",
    `no track in ${maxTries} tries lit ${minSignalDoms} modules; lower minSignalDoms or raise brightness`,
  );
}

/** Isotropic from 10 degrees above the horizon downwards, so that the tracks are those of neutrinos. */
function drawDirection(random: Random): { zenithRad: number; azimuthRad: number } {
  const highest = Math.sin(Math.PI / 18);
  return { zenithRad: Math.acos(highest - random.uniform() * (1 + highest)), azimuthRad: 2 * Math.PI * random.uniform() };
}

/** The closest point to the detector's centre: uniform in a disc across the track. */
function drawImpact(random: Random, geometry: Geometry, [dx, dy, dz]: readonly [number, number, number]): Position {
  const radiusM = maxImpactM * Math.sqrt(random.uniform());
  const angle = 2 * Math.PI * random.uniform();
  const horizontal = Math.hypot(dx, dy);
  const [ux, uy] = horizontal > 0 ? [dy / horizontal, -dx / horizontal] : [1, 0];
  const [vx, vy, vz] = [-dz * uy, dz * ux, dx * uy - dy * ux];
  const u = radiusM * Math.cos(angle);
  const v = radiusM * Math.sin(angle);
  const centre = centreOf(geometry);
  return { xM: centre.xM + u * ux + v * vx, yM: centre.yM + u * uy + v * vy, zM: centre.zM + v * vz };
}

function centreOf({ doms }: Geometry): Position {
  const mean = (pick: (place: Position) => number): number => doms.reduce((sum, dom) => sum + pick(dom), 0) / doms.length;
  return { xM: mean(({ xM }) => xM), yM: mean(({ yM }) => yM), zM: mean(({ zM }) => zM) };
}
