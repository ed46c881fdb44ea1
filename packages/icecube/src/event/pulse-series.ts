import { IceCubeError, within } from "../errors.ts";
import { frameObject, type Frame, type FrameObject } from "../frame/frame.ts";
import { readPulseMap, type DomPulses } from "../frame/pulse-map.ts";
import { applyPulseMask, readPulseMask } from "../frame/pulse-mask.ts";
import { readSuperDst } from "../frame/super-dst.ts";

/** A mask of a mask of a mask … of real events is at most 3 deep. */
const maxChain = 8;

/**
 * The pulses under `key`, whatever form they are stored in: a map, a mask over another series (in the P or the Q frame,
 * looked for in that order), or a SuperDST. Modules in key order (string, om), pulses in time order.
 * @param frames the frames to look in, the P frame first
 * @throws IceCubeError `missing` when the key or a source of it is not there; `garbled` when a mask does not fit its source
 */
export function resolvePulses(frames: readonly Frame[], key: string, depth = 0): DomPulses[] {
  if (depth > maxChain) throw new IceCubeError("garbled", `the pulse masks refer to each other (at ${JSON.stringify(key)})`);
  const found = findObject(frames, key);
  if (found === undefined) {
    throw new IceCubeError("missing", `no pulses ${JSON.stringify(key)}; there are ${pulseKeys(frames).join(", ") || "none"}`);
  }
  const { frame, object } = found;
  return within(`frame ${frame.stream}, key ${key}`, () => {
    switch (object.typeName) {
      case pulseMapType:
        return readPulseMap(object.blob);
      case "I3SuperDST":
        return readSuperDst(object.blob);
      case "I3RecoPulseSeriesMapMask": {
        const mask = readPulseMask(object.blob);
        return applyPulseMask(mask, resolvePulses(frames, mask.source, depth + 1));
      }
      default:
        throw new IceCubeError("unsupported", `a ${object.typeName} holds no pulses`);
    }
  });
}

export const pulseMapType = "I3Map<OMKey, vector<I3RecoPulse> >";

/** The pulses in the ice that a scan takes, as formats up to 2021a and from 2023a on name them. */
export const pulseSeriesNames = ["SplitUncleanedInIcePulses", "SplitInIcePulses"] as const;

/** Which of them a P frame has; of both the one that its format (`value.version`) names. */
export function defaultPulseSeries(physics: Frame, version = "2021a"): string | undefined {
  const names: readonly string[] = version >= "2023a" ? [...pulseSeriesNames].reverse() : pulseSeriesNames;
  return names.find((key) => frameObject(physics, key) !== undefined);
}

function findObject(frames: readonly Frame[], key: string): { frame: Frame; object: FrameObject } | undefined {
  for (const frame of frames) {
    const object = frameObject(frame, key);
    if (object !== undefined) return { frame, object };
  }
  return undefined;
}

/** Keys of everything that holds pulses. */
export function pulseKeys(frames: readonly Frame[]): string[] {
  const types = new Set([pulseMapType, "I3SuperDST", "I3RecoPulseSeriesMapMask"]);
  return frames.flatMap(({ objects }) => objects.filter(({ typeName }) => types.has(typeName)).map(({ key }) => key));
}
