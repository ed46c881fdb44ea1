import { basename } from "node:path";
import { maxFrameBytes } from "../bytes/compression.ts";
import { IceCubeError, within } from "../errors.ts";
import { classifyEvent, readAlert } from "../event/classify.ts";
import { defaultPulseSeries, pulseSeriesNames, resolvePulses } from "../event/pulse-series.ts";
import { encodeRealtimeMessage, packFrame } from "../event/realtime-message.ts";
import { readEventHeader } from "../frame/event-header.ts";
import { frameObject, type Frame } from "../frame/frame.ts";
import { geometryDiffBase } from "../frame/geometry-diff.ts";
import { readI3File, type I3FileFrame } from "./read-i3-file.ts";

export interface ConvertI3Options {
  /** `--basegcd`: the baseline file that geometry, calibration and status in the input are differences to. */
  readonly baselineGcd?: string | undefined;
  /** `--nframes`: frames of all streams that are read, as IceTray counts them. */
  readonly maxFrames?: number | undefined;
  /** Hears of physics frames that give no event file, and why. */
  readonly onSkipped: (why: string) => void;
  /** Hears what else there is to know. */
  readonly onRemark: (remark: string) => void;
}

/** An event file that was made of a physics frame. */
export interface ConvertedEvent {
  /** `run00136662.evt000035405932.sub000.json` */
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

const before = ["G", "C", "D", "Q"] as const;

/**
 * An event file (realtime format, JSON) for each physics frame of .i3 files, which are read as one: the file with geometry, calibration and
 * status first. A physics frame goes with the last G, C, D and Q frame before it; frames are taken as they are.
 * @throws IceCubeError
 */
export async function* convertI3(
  paths: readonly string[],
  options: ConvertI3Options,
): AsyncGenerator<ConvertedEvent, void, undefined> {
  const last = new Map<string, I3FileFrame>();
  const seen = new Set<string>();
  let left = options.maxFrames ?? Infinity;
  for (const path of paths) {
    if (left <= 0) return;
    for await (const one of readI3File(path)) {
      if (left-- <= 0) return;
      const { frame } = one;
      const place = `${path}: frame ${one.number} at offset ${one.offset}`;
      const { baselineGcd } = options;
      if (frame.stream === "G" && baselineGcd !== undefined) {
        const remark = within(place, () => baselineRemark(frame, baselineGcd));
        if (remark !== undefined) options.onRemark(`${place}: ${remark}`);
      }
      if ((before as readonly string[]).includes(frame.stream)) last.set(frame.stream, one);
      if (frame.stream !== "P") continue;
      const event = within(place, () => convertFrame(one, last));
      if (typeof event !== "string" && !seen.has(event.fileName)) {
        seen.add(event.fileName);
        yield event;
      } else options.onSkipped(`${place}: ${typeof event === "string" ? event : `there is a ${event.fileName} already`}`);
    }
  }
}

/** The event file, or why this frame gives none. */
function convertFrame(physics: I3FileFrame, last: ReadonlyMap<string, I3FileFrame>): ConvertedEvent | string {
  const { frame } = physics;
  const headerObject = frameObject(frame, "I3EventHeader");
  if (headerObject === undefined) return "it has no I3EventHeader";
  const pulseSeries = defaultPulseSeries(frame);
  if (pulseSeries === undefined) return `it has neither ${pulseSeriesNames.join(" nor ")}`;
  const frames = [...before.map((stream) => last.get(stream)), physics];
  const missing = before.filter((stream) => !last.has(stream));
  if (missing.length > 0) {
    throw new IceCubeError("missing", `a physics frame without ${missing.join(", ")} before it: give the GCD file first`);
  }
  // What is larger than this is not read again.
  const byteLength = frames.reduce((sum, one) => sum + one!.byteLength, 0);
  if (byteLength > maxFrameBytes) {
    throw new IceCubeError(
      "too-large",
      `its frames have ${byteLength} bytes together; events of at most ${maxFrameBytes} are read`,
    );
  }
  const header = readEventHeader(headerObject.blob);
  const { runId, eventId, start } = header;
  const subEvent = String(header.subEventId).padStart(3, "0");
  const name = `run${String(runId).padStart(8, "0")}.evt${String(eventId).padStart(12, "0")}.sub${subEvent}`;
  const bytes = encodeRealtimeMessage({
    runId,
    eventId,
    eventType: classifyEvent(frame, readAlert(frame)),
    start,
    // Files do not say it; the names of the pulses follow it.
    version: pulseSeries === "SplitInIcePulses" ? "2023a" : "2021a",
    frames: frames.map((one) => packFrame(one!.frame)),
    doms: resolvePulses([frame, last.get("Q")!.frame], pulseSeries),
  });
  return { fileName: `${name}.json`, bytes };
}

/** What has to be said of a geometry beside the given baseline file. Making differences takes IceTray: what is none is kept whole. */
function baselineRemark(geometry: Frame, given: string): string | undefined {
  const diff = frameObject(geometry, "I3GeometryDiff");
  if (diff === undefined) {
    return "geometry, calibration and status are kept whole: only IceTray (its i3_to_json.py) can make differences to --basegcd of them, and recos inside IceTray images need differences";
  }
  const found = geometryDiffBase(diff.blob);
  const wanted = basename(given);
  if (found !== wanted) throw new IceCubeError("invalid", `the geometry is a difference to ${found}, not to --basegcd ${wanted}`);
  return undefined;
}
