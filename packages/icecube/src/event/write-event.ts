import { rename, rm, writeFile } from "node:fs/promises";
import { ArchiveWriter } from "../frame/archive-writer.ts";
import { deflateBase64 } from "../bytes/compression.ts";
import { IceCubeError } from "../errors.ts";
import { daqTimeToMjd, formatDaqTime, type DaqTime } from "../frame/daq-time.ts";
import { writeEventHeader } from "../frame/event-header.ts";
import { createFrame, writeFrame, type FrameObject } from "../frame/frame.ts";
import { pickleFrame } from "../frame/frame-pickle.ts";
import { compareOmKeys } from "../frame/om-key.ts";
import { writeParticle, type Particle } from "../frame/particle.ts";
import { writePulseMap, type DomPulses } from "../frame/pulse-map.ts";
import { writePulseMask } from "../frame/pulse-mask.ts";
import { writeDouble, writePosition, writeString, writeTimeWindow } from "../frame/simple-objects.ts";
import type { VertexSeed } from "./default-seed.ts";
import { eventName } from "./event.ts";
import { pulseMapType } from "./pulse-series.ts";
import { simulatedGeometryKey, truthKey } from "./simulated-keys.ts";

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
  const packed = frames.map(([stream, objects]) => [
    stream,
    deflateBase64(pickleFrame(writeFrame(createFrame(stream, objects)), "python3")),
  ]);
  const charges = doms.map(({ pulses }) => pulses.reduce((sum, [, charge]) => sum + charge, 0));
  const time = formatDaqTime(event.start).slice(0, 26);
  const topic = eventType === "neutrino" ? "neutrino" : eventType.toLowerCase();
  const message = {
    service: "skyscan",
    varname: "realtimeEventData",
    value: {
      version: "2021a",
      streams: [topic],
      zmqnotify: { topics: [topic] },
      data: {
        run_id: runId,
        event_id: eventId,
        unique_id: eventName(event).slice(0, -eventType.length - 1),
        eventtime: time,
        nch: doms.length,
        npulses: doms.reduce((sum, { pulses }) => sum + pulses.length, 0),
        qtot: charges.reduce((sum, charge) => sum + charge, 0),
        frames: packed,
      },
    },
    prio: 2,
    time,
    insert_time: time,
    _id: `skyscan-${runId}-${eventId}`,
  };
  return Buffer.from(JSON.stringify(message), "utf8");
}

/**
 * Writes `encodeEvent` to `path`, under a temporary name that is renamed at the end.
 * @throws IceCubeError `io`, `invalid`
 */
export async function writeEventFile(path: string, event: EventToWrite): Promise<void> {
  const bytes = encodeEvent(event);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new IceCubeError(
      "io",
      `cannot write the event file ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
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

/** A difference to `baseFilename` without any: no modules, no stations, validity times of year 0. */
function emptyGeometryDiff(baseFilename: string): Uint8Array {
  const archive = new ArchiveWriter("I3GeometryDiff");
  archive.bytes.str(baseFilename);
  archive.object("OMDiff").frameObject().bytes.str("");
  archive.container("map plus", 0).container("vector minus", 0);
  archive.object("StationDiff").container("map stations", 0).bytes.u32(0);
  for (let i = 0; i < 2; i++) archive.object("I3Time").frameObject().bytes.i32(0).i64(0n);
  return archive.finish();
}
