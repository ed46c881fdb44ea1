import {
  createSkyFrame,
  daqTimeToMjd,
  fitStatus,
  IceCubeError,
  icecube86,
  mjdToDaqTime,
  speedOfLightMPerNs,
  type DaqTime,
  type EventToWrite,
  type Geometry,
  type Position,
  type SkyFrame,
} from "@skyscan/icecube";
import type { DetectorResponse, ResponseOptions } from "./detector-response.ts";
import { iceByName, type Ice, type IceName } from "./ice.ts";
import { createRandom, type Random } from "./random.ts";

export type EventKind = "track" | "cascade";

/** What to simulate. Only the seed is needed. */
export interface SimulationOptions extends Partial<ResponseOptions> {
  /** Integer in [0, 2^32): the whole event follows from it and the other options. Also the default event id. */
  readonly seed: number;
  /** Default IceCube-86. A geometry that is no built-in one has to be given again when the event is scanned. */
  readonly geometry?: Geometry;
  /** Default `model`. */
  readonly ice?: IceName;
  /** Where the particle comes from (ICRS). Default: random. */
  readonly origin?: { readonly raRad: number; readonly decRad: number };
  /** Modified Julian date, UTC. Default: random within 2024. */
  readonly mjd?: number;
  /** Default: one for each kind and ice, outside the range of real runs, so that events of the same seed have different names. */
  readonly runId?: number;
  readonly eventId?: number;
  /** Events that light fewer modules are drawn again. Default 60. */
  readonly minSignalDoms?: number;
}

/** What really happened, in the sky and in the detector. */
export interface Truth {
  readonly kind: EventKind;
  readonly seed: number;
  readonly ice: IceName;
  readonly raRad: number;
  readonly decRad: number;
  readonly zenithRad: number;
  readonly azimuthRad: number;
  /** Of a cascade where it is; of a track the point closest to the detector's centre. */
  readonly vertex: Position;
  /** When the particle is at the vertex, after the start of the readout. */
  readonly timeNs: number;
  readonly mjd: number;
}

/** An event with known truth; `event` goes to `writeEventFile`. */
export interface SimulatedEvent {
  readonly event: EventToWrite;
  readonly truth: Truth;
  /** Modules that saw the particle's light; the others in the event saw only noise. */
  readonly signalDoms: number;
}

/** One draw of a kind of event. */
export interface DrawnEvent {
  readonly zenithRad: number;
  readonly azimuthRad: number;
  readonly vertex: Position;
  readonly timeNs: number;
  readonly detector: DetectorResponse;
}

/** What the kinds differ in. */
export interface KindOfEvent {
  readonly kind: EventKind;
  readonly pdg: number;
  readonly shape: number;
  readonly response: ResponseOptions;
  /** `given` is the direction when the caller chose one. */
  draw(random: Random, geometry: Geometry, ice: Ice, given: { zenithRad: number; azimuthRad: number } | undefined): DrawnEvent;
}

const maxTries = 200;
const runOfKind: Readonly<Record<EventKind, number>> = { track: 1, cascade: 2 };
const runOfIce: Readonly<Record<IceName, number>> = { model: 0, off10: 10 };

/** @throws IceCubeError `invalid` when an option is out of range, or nothing of that kind lights enough modules */
export function simulate(options: SimulationOptions, kind: KindOfEvent): SimulatedEvent {
  const { seed, geometry = icecube86(), minSignalDoms = 60 } = options;
  const ice = iceByName(options.ice ?? "model");
  const runId = options.runId ?? runOfKind[kind.kind] + runOfIce[ice.name];
  const eventId = options.eventId ?? seed;
  for (const [name, value] of Object.entries({ seed, runId, eventId })) {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32)
      throw new IceCubeError("invalid", `${name} ${value}: an integer in [0, 2^32) is needed`);
  }
  const random = createRandom(seed);
  const start = mjdToDaqTime(options.mjd ?? 60310 + 366 * random.uniform());
  const sky = createSkyFrame(daqTimeToMjd(start));
  const given = options.origin && sky.equaToDir(options.origin.raRad, options.origin.decRad);
  for (let tries = 0; tries < maxTries; tries++) {
    const drawn = kind.draw(random, geometry, ice, given);
    if (drawn.detector.signalDoms < minSignalDoms) continue;
    const truth = truthOf(drawn, options, kind.kind, ice.name, sky);
    const event = eventOf(drawn, kind, { runId, eventId, start, geometry: geometry.name });
    return { event, truth, signalDoms: drawn.detector.signalDoms };
  }
  throw new IceCubeError(
    "invalid",
    `no ${kind.kind} in ${maxTries} tries lit ${minSignalDoms} modules of geometry ${geometry.name}; ask for fewer modules or a higher brightness`,
  );
}

function truthOf(drawn: DrawnEvent, options: SimulationOptions, kind: EventKind, ice: IceName, sky: SkyFrame): Truth {
  const { zenithRad, azimuthRad, vertex, timeNs } = drawn;
  const { raRad, decRad } = options.origin ?? sky.dirToEqua(zenithRad, azimuthRad);
  return { kind, seed: options.seed, ice, raRad, decRad, zenithRad, azimuthRad, vertex, timeNs, mjd: sky.mjd };
}

interface Identity {
  readonly runId: number;
  readonly eventId: number;
  readonly start: DaqTime;
  readonly geometry: string;
}

const eventOf = (drawn: DrawnEvent, kind: KindOfEvent, { runId, eventId, start, geometry }: Identity): EventToWrite => ({
  runId,
  eventId,
  eventType: "neutrino",
  start,
  durationNs: kind.response.windowNs,
  doms: drawn.detector.doms,
  simulated: {
    geometry,
    truth: {
      minorId: 1,
      majorId: BigInt(runId) * 2n ** 32n + BigInt(eventId),
      pdg: kind.pdg,
      shape: kind.shape,
      fitStatus: fitStatus.ok,
      position: drawn.vertex,
      zenithRad: drawn.zenithRad,
      azimuthRad: drawn.azimuthRad,
      timeNs: drawn.timeNs,
      energyGeV: NaN,
      lengthM: NaN,
      speedMPerNs: speedOfLightMPerNs,
      locationType: 0,
    },
  },
});
