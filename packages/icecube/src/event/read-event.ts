import { readFile, stat } from "node:fs/promises";
import { IceCubeError, within } from "../errors.ts";
import { daqTimeToMjd } from "../frame/daq-time.ts";
import { readEventHeader } from "../frame/event-header.ts";
import { frameObject, type Frame } from "../frame/frame.ts";
import { geometryDiffBase } from "../frame/geometry-diff.ts";
import { readString } from "../frame/simple-objects.ts";
import { classifyEvent, decideRealEvent, readAlert } from "./classify.ts";
import { openEnvelope, openFrames, type EventFrame } from "./envelope.ts";
import { eventName, type Event, type EventMetadata } from "./event.ts";
import { defaultPulseSeries, pulseKeys, pulseSeriesNames, resolvePulses } from "./pulse-series.ts";
import { readRecordedFits, readVertices } from "./recorded-fits.ts";
import { simulatedGeometryKey } from "./simulated-keys.ts";

const maxFileBytes = 64 * 1024 * 1024;

/** Which pulses to take; without, those the realtime format names (`SplitUncleanedInIcePulses`, `SplitInIcePulses`). */
export interface ReadEventOptions {
  readonly pulseSeries?: string;
}

/**
 * Reads an IceCube realtime event file: `.json` (both shapes) or `.pkl`. Nothing in it is executed.
 * @throws IceCubeError whose message begins with the file's name
 */
export async function readEventFile(path: string, options: ReadEventOptions = {}): Promise<Event> {
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > maxFileBytes)
      throw new IceCubeError("too-large", `${path}: ${size} bytes are no event file (limit ${maxFileBytes})`);
    bytes = await readFile(path);
  } catch (cause) {
    if (cause instanceof IceCubeError) throw cause;
    throw new IceCubeError(
      "io",
      `cannot read the event file ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  return parseEvent(bytes, path, options);
}

/**
 * Parses the bytes of an event file.
 * @param source what errors call it, usually the file's name
 * @throws IceCubeError
 */
export function parseEvent(bytes: Uint8Array, source: string, options: ReadEventOptions = {}): Event {
  return within(source, () => {
    const { packed, version, summary } = openEnvelope(bytes);
    const frames = openFrames(packed);
    const event = eventOfFrames(frames, version, options.pulseSeries);
    return { ...event, summary, packedFrames: packed };
  });
}

function eventOfFrames(
  frames: readonly EventFrame[],
  stated: string | undefined,
  wanted: string | undefined,
): Omit<Event, "summary" | "packedFrames"> {
  const version = stated ?? "2021a";
  const [geometry, , , daq, physics] = frames.map(({ frame }) => frame) as [Frame, Frame, Frame, Frame, Frame];
  const headerObject = frameObject(physics, "I3EventHeader");
  if (headerObject === undefined) {
    const keys = physics.objects.map(({ key }) => key).join(", ");
    throw new IceCubeError("missing", `frame P has no I3EventHeader; it has ${keys || "nothing"}`);
  }
  const { header, mjd } = within("frame P, key I3EventHeader", () => {
    const header = readEventHeader(headerObject.blob);
    return { header, mjd: daqTimeToMjd(header.start) };
  });
  const alert = readAlert(physics);
  const metadata: EventMetadata = {
    runId: header.runId,
    eventId: header.eventId,
    eventType: classifyEvent(physics, alert),
    mjd,
    isRealEvent: decideRealEvent(header.runId, physics),
    version: 1,
  };
  const pulseSeries = choosePulseSeries(physics, version, wanted);
  const geometryName = frameObject(physics, simulatedGeometryKey);
  return {
    metadata,
    name: eventName(metadata),
    realtimeFormatVersion: version,
    statedFormatVersion: stated ?? "",
    header,
    pulseSeries,
    doms: resolvePulses([physics, daq], pulseSeries),
    recorded: readRecordedFits(physics),
    vertices: readVertices(physics),
    alert,
    baselineGcd: baselineGcd(geometry),
    simulatedGeometry: geometryName && within(`frame P, key ${simulatedGeometryKey}`, () => readString(geometryName.blob)),
    frames,
  };
}

function choosePulseSeries(physics: Frame, version: string, wanted: string | undefined): string {
  if (wanted !== undefined) return wanted;
  const name = defaultPulseSeries(physics, version);
  if (name === undefined) {
    const there = pulseKeys([physics]).join(", ") || "none";
    throw new IceCubeError("missing", `frame P has neither ${pulseSeriesNames.join(" nor ")}; its pulse series are ${there}`);
  }
  return name;
}

function baselineGcd(geometry: Frame): string | undefined {
  const diff = frameObject(geometry, "I3GeometryDiff");
  return diff && within("frame G, key I3GeometryDiff", () => geometryDiffBase(diff.blob));
}
