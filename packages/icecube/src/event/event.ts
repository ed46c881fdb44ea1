import type { EventHeader } from "../frame/event-header.ts";
import type { DomPulses } from "../frame/pulse-map.ts";
import type { Position } from "../frame/simple-objects.ts";
import type { JsonObject } from "../json-value.ts";
import type { EventFrame, PackedFrame } from "./envelope.ts";

/** What identifies an event; it travels through the scan into the results. */
export interface EventMetadata {
  readonly runId: number;
  readonly eventId: number;
  /** `HESE`, `EHE`, `neutrino`, `ESTRES`, or `None` when the event says nothing. */
  readonly eventType: string;
  /** Modified Julian date of the event's start, UTC. */
  readonly mjd: number;
  /** Decided from the event; undefined when the event does not tell. */
  readonly isRealEvent: boolean | undefined;
  /** Version of the metadata, as in result files. */
  readonly version: 1;
}

/** A fit (or a simulated truth) recorded in the event. Zenith and azimuth say where the particle comes from; NaN = not known. */
export interface RecordedFit extends Position {
  readonly zenithRad: number;
  readonly azimuthRad: number;
  readonly timeNs: number;
  readonly energyGeV: number;
  /** 0 = OK, see `fitStatus`. */
  readonly fitStatus: number;
  /** From the `…FitParams` beside it, where there is one. */
  readonly llh: number | undefined;
  readonly ndof: number | undefined;
}

/** A vertex recorded in the event, for instance by the veto; the time where one is recorded with it. */
export interface RecordedVertex extends Position {
  readonly timeNs: number | undefined;
}

/** An event, read from its file. */
export interface Event {
  readonly metadata: EventMetadata;
  /** `run00136662.evt000035405932.neutrino` */
  readonly name: string;
  /** `2021a`, `2023a`, …; files that do not say are `2021a`. */
  readonly realtimeFormatVersion: string;
  /** What the file says itself; empty when it says nothing. */
  readonly statedFormatVersion: string;
  readonly header: EventHeader;
  /** Frame key of `doms`. */
  readonly pulseSeries: string;
  /** Modules with pulses in the order (string, om). */
  readonly doms: readonly DomPulses[];
  /** Every I3Particle of the P frame, by key. */
  readonly recorded: Readonly<Record<string, RecordedFit>>;
  /** `HESE_VHESelfVetoVertex`, `SeedVertex`: positions (`…Pos`) with their times (`…Time`). */
  readonly vertices: Readonly<Record<string, RecordedVertex>>;
  /** The JSON of the alert sent to observatories, where there is one. */
  readonly alert: JsonObject | undefined;
  /** `value.data` of newer files without frames: totals, and realtime fits (`reco`). */
  readonly summary: JsonObject | undefined;
  /** Name of the baseline geometry, calibration and status file the G, C, D frames are differences to. */
  readonly baselineGcd: string | undefined;
  /** Present in simulated events written here: the name of the geometry, see `geometryByName`. */
  readonly simulatedGeometry: string | undefined;
  /** The five frames, opened: G, C, D, Q, P. */
  readonly frames: readonly EventFrame[];
  /** The five frames as they were in the file. */
  readonly packedFrames: readonly PackedFrame[];
}

/** `run%08d.evt%012d.TYPE`, as everything about an event is named. */
export function eventName({ runId, eventId, eventType }: Pick<EventMetadata, "runId" | "eventId" | "eventType">): string {
  return `run${String(runId).padStart(8, "0")}.evt${String(eventId).padStart(12, "0")}.${eventType}`;
}
