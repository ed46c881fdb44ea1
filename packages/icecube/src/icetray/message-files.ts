import { IceCubeError, within } from "../errors.ts";
import { parseJson, type JsonObject } from "../json-value.ts";
import { encodePixelFrame, type PixelFrame } from "./pixel-frame.ts";
import { decodeRecoPixelVariation, encodeRecoPixelVariation, type RecoPixelVariation } from "./reco-pixel-variation.ts";

/** What goes to the program of one unit inside the predecessor's images. */
export interface IcetrayInfile {
  readonly recoAlgo: string;
  /** `value.version` of the event file; empty when it has none. */
  readonly realtimeFormatVersion: string;
  readonly frame: PixelFrame;
}

/** What comes back. */
export interface IcetrayOutfile {
  readonly variation: RecoPixelVariation;
  /** Measured by the program itself, seconds; NaN when it does not say. */
  readonly runtimeSec: number;
}

/** The whole infile: keys in the order and JSON in the spelling of the files that the predecessor recorded. */
export function encodeIcetrayInfile({ recoAlgo, realtimeFormatVersion, frame }: IcetrayInfile): string {
  const file = {
    pframe_pkl_b64: encodePixelFrame(frame),
    realtime_format_version: realtimeFormatVersion,
    reco_algo: recoAlgo,
  };
  return `${asciiJson(file, 4)}\n`;
}

/**
 * The whole outfile, as the predecessor's program leaves it: one line without an end. With `indent` laid out as in its recorded files.
 * A whole number of seconds is written without a decimal point.
 */
export function encodeIcetrayOutfile({ variation, runtimeSec }: IcetrayOutfile, indent?: number): string {
  const base64 = encodeRecoPixelVariation(variation);
  if (indent === undefined) return `{"reco_pixel_variation_pkl_b64": "${base64}", "runtime": ${JSON.stringify(runtimeSec)}}`;
  return asciiJson({ reco_pixel_variation_pkl_b64: base64, runtime: runtimeSec }, indent);
}

/** Reads an outfile; the pickle in it is read as data. @throws IceCubeError */
export function decodeIcetrayOutfile(text: string): IcetrayOutfile {
  const value = parseJson(text);
  const file: JsonObject = typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  const base64 = Object.hasOwn(file, "reco_pixel_variation_pkl_b64") ? file["reco_pixel_variation_pkl_b64"] : undefined;
  if (typeof base64 !== "string") throw new IceCubeError("missing", "there is no reco_pixel_variation_pkl_b64");
  const runtime = file["runtime"];
  return {
    variation: within("the outfile", () => decodeRecoPixelVariation(base64)),
    runtimeSec: typeof runtime === "number" ? runtime : NaN,
  };
}

/** JSON as Python's `json.dump` spells it: what is not ASCII is escaped. */
function asciiJson(value: JsonObject, indent: number): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, indent).replace(/[\u0080-\uffff]/g, escaped);
}
