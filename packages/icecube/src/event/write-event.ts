import { writeFile } from "node:fs/promises";
import { IceCubeError } from "../errors.ts";
import { daqTimeToMjd, type DaqTime } from "../frame/daq-time.ts";
import { writeEventHeader } from "../frame/event-header.ts";
import { createFrame, type FrameObject } from "../frame/frame.ts";
import { compareOmKeys } from "../frame/om-key.ts";
import { emptyGeometryDiff } from "../frame/geometry-diff.ts";
import { writeParticle, type Particle } from "../frame/particle.ts";
import { writePulseMap, type DomPulses } from "../frame/pulse-map.ts";
import { writePulseMask } from "../frame/pulse-mask.ts";
import { writeDouble, writePosition, writeString, writeTimeWindow } from "../frame/simple-objects.ts";
import type { VertexSeed } from "./default-seed.ts";
import { pulseMapType } from "./pulse-series.ts";
import { encodeRealtimeMessage, packFrame } from "./realtime-message.ts";
import { simulatedGeometryKey, truthKey } from "./simulated-keys.ts";
import { writeWholeFile } from "../whole-file.ts";

/** An event to be written. Charges and widths are stored as 32-bit floats, times as doubles. */
export interface EventToWrite {
  readonly runId: number;
  readonly eventId: number;
  readonly eventType: "HESE" | "EHE" | "neutrino" | "ESTRES";
  readonly start: DaqTime;
  readonly durationNs: number;
  /** Modules with pulses, each in time order. */
  readonly doms: readonly DomPulses[];
  /** Fits for the P frame, by key. */
  readonly recorded?: Readonly<Record<string, Particle>>;
  /** Written as `SeedVertexPos` and `SeedVertexTime`: where a scan starts. */
  readonly seedVertex?: VertexSeed;
  /** Name of the baseline file of a real detector. */
  readonly baselineGcd?: string;
  /** Of a simulated event: the true track, and the name of the geometry (`geometryByName`). Marks the event as simulated. */
  readonly simulated?: { readonly truth: Particle; readonly geometry: string };
}

const pulseKey = "SplitUncleanedInIcePulses";
const sourceKey = "UncleanedInIcePulses";

/**
 * An event in IceCube's realtime format (version 2021a, JSON): frames G, C, D, Q, P, of which Q holds all pulses and P a mask that
 * selects them, as in real events. With `baselineGcd` the G frame holds a geometry difference without changes; otherwise G, C and
 * D are empty and the geometry is named in the P frame. The same event gives the same bytes (with the same zlib).
 * @throws IceCubeError `invalid` when `baselineGcd` and `simulated` are both given, or there are no pulses
 */
export function encodeEvent(event: EventToWrite): Uint8Array {
  const { runId, eventId, eventType } = event;
  if (event.baselineGcd !== undefined && event.simulated !== undefined) {
    throw new IceCubeError("invalid", "an event is either simulated or has a baseline GCD file");
  }
  const doms = event.doms.filter(({ pulses }) => pulses.length > 0).sort(compareOmKeys);
  if (doms.length === 0) throw new IceCubeError("invalid", "an event without pulses is not written");
  const frames: readonly (readonly [string, readonly FrameObject[]])[] = [
    [
      "G",
      event.baselineGcd === undefined
        ? []
        : [{ key: "I3GeometryDiff", typeName: "I3GeometryDiff", blob: emptyGeometryDiff(event.baselineGcd) }],
    ],
    ["C", []],
    ["D", []],
    ["Q", [{ key: sourceKey, typeName: pulseMapType, blob: writePulseMap(doms) }]],
    ["P", physicsObjects(event, doms)],
  ];
  const packed = frames.map(([stream, objects]) => packFrame(createFrame(stream, objects)));
  return encodeRealtimeMessage({ runId, eventId, eventType, start: event.start, version: "2021a", frames: packed, doms });
}

/**
 * Writes `encodeEvent` to `path`, under a temporary name that is renamed at the end.
 * @throws IceCubeError `io`, `invalid`
 */
export async function writeEventFile(path: string, event: EventToWrite): Promise<void> {
  const bytes = encodeEvent(event);
  await writeWholeFile(path, (temporary) => writeFile(temporary, bytes));
}

function physicsObjects(event: EventToWrite, doms: readonly DomPulses[]): FrameObject[] {
  const times = doms.flatMap(({ pulses }) => pulses.map(([timeNs]) => timeNs));
  const window = { startNs: times.reduce((a, b) => Math.min(a, b)), stopNs: times.reduce((a, b) => Math.max(a, b)) };
  const end = { year: event.start.year, tenthsOfNs: event.start.tenthsOfNs + BigInt(Math.round(10 * event.durationNs)) };
  const mask = { source: sourceKey, doms: doms.map(() => true), pulses: doms.map(({ pulses }) => pulses.map(() => true)) };
  const header = {
    runId: event.runId,
    subRunId: 0,
    eventId: event.eventId,
    state: 20,
    subEventId: 0,
    subEventStream: "InIceSplit",
    start: event.start,
    end,
  };
  const alert = {
    [event.eventType.toLowerCase()]: {},
    run_id: event.runId,
    event_id: event.eventId,
    mjd: daqTimeToMjd(event.start),
  };
  const particle = (key: string, value: Particle): FrameObject => ({ key, typeName: "I3Particle", blob: writeParticle(value) });
  const objects: FrameObject[] = [
    { key: "I3EventHeader", typeName: "I3EventHeader", blob: writeEventHeader(header) },
    { key: "AlertShortFollowupMsg", typeName: stringType, blob: writeString(JSON.stringify(alert)) },
    { key: pulseKey, typeName: "I3RecoPulseSeriesMapMask", blob: writePulseMask(mask) },
    { key: `${pulseKey}TimeRange`, typeName: "I3TimeWindow", blob: writeTimeWindow(window) },
    ...Object.entries(event.recorded ?? {}).map(([key, value]) => particle(key, value)),
  ];
  if (event.seedVertex !== undefined) {
    objects.push({ key: "SeedVertexPos", typeName: "I3Position", blob: writePosition(event.seedVertex) });
    objects.push({ key: "SeedVertexTime", typeName: "I3PODHolder<double>", blob: writeDouble(event.seedVertex.timeNs) });
  }
  if (event.simulated !== undefined) {
    objects.push(particle(truthKey, event.simulated.truth));
    objects.push({ key: simulatedGeometryKey, typeName: stringType, blob: writeString(event.simulated.geometry) });
  }
  return objects;
}

const stringType = "I3PODHolder<__cxx11::string >";
