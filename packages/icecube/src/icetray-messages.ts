import { fromBase64, toBase64 } from "./bytes/compression.ts";
import { IceCubeError, within } from "./errors.ts";
import { writeEventHeader, type EventHeader } from "./frame/event-header.ts";
import { createFrame, parseFrame, writeFrame, type Frame, type FrameObject } from "./frame/frame.ts";
import { pickleFrame, unpickleFrame } from "./frame/frame-pickle.ts";
import { writeParticle, type Particle } from "./frame/particle.ts";
import { writeInt } from "./frame/simple-objects.ts";
import { parsePickle } from "./pickle/parse-pickle.ts";
import { PickleObject, PickleTuple, type PickleDict, type PickleValue } from "./pickle/pickle-value.ts";
import { ByteReader } from "./bytes/byte-reader.ts";

/** What the P frame of one unit of work tells an IceTray reco. */
export interface PixelFrame {
  /** The event's own header; sub-event stream and id are replaced by the pixel's. */
  readonly header: EventHeader;
  readonly nside: number;
  readonly pixel: number;
  readonly posvar: number;
  readonly seed: Particle;
  /** Only where it differs from the seed. */
  readonly fallbackSeed?: Particle;
}

/**
 * `pframe_pkl_b64` of the messages to the predecessor's reco images: base64 of a protocol 4 pickle of a P frame. Byte for byte
 * as the predecessor wrote it (given the particle's ids, which are a process counter and a random number there).
 */
export function encodePixelFrame({ header, nside, pixel, posvar, seed, fallbackSeed }: PixelFrame): string {
  const digits = (value: number): string => String(value).padStart(4, "0");
  const subEventStream = `SCAN_nside${digits(nside)}_pixel${digits(pixel)}_posvar${digits(posvar)}`;
  const int = (key: string, value: number): FrameObject => ({ key, typeName: "I3PODHolder<int>", blob: writeInt(value) });
  const objects: FrameObject[] = [
    { key: "I3EventHeader", typeName: "I3EventHeader", blob: writeEventHeader({ ...header, subEventStream, subEventId: pixel }) },
    { key: "MillipedeSeedParticle", typeName: "I3Particle", blob: writeParticle(seed) },
    int("SCAN_HealpixNSide", nside),
    int("SCAN_HealpixPixel", pixel),
    int("SCAN_PositionVariationIndex", posvar),
  ];
  if (fallbackSeed !== undefined) {
    objects.push({ key: "MillipedeSeedParticle_fallback", typeName: "I3Particle", blob: writeParticle(fallbackSeed) });
  }
  return toBase64(pickleFrame(writeFrame(createFrame("P", objects)), "protocol4"));
}

/** The frame of such a message. @throws IceCubeError */
export function decodePixelFrame(base64: string): Frame {
  return within("pframe_pkl_b64", () => parseFrame(unpickleFrame(fromBase64(base64)).bytes));
}

/** The answer of an IceTray reco. NaN = the fit failed, or has no such number. */
export interface RecoPixelVariation {
  readonly nside: number;
  readonly pixel: number;
  readonly posvar: number;
  readonly llh: number;
  readonly eInGeV: number;
  readonly eTotGeV: number;
  readonly xM: number;
  readonly yM: number;
  readonly zM: number;
  readonly timeNs: number;
  readonly energyGeV: number;
}

/**
 * `reco_pixel_variation_pkl_b64` of the messages from the predecessor's reco images, read as data.
 * @throws IceCubeError
 */
export function decodeRecoPixelVariation(base64: string): RecoPixelVariation {
  return within("reco_pixel_variation_pkl_b64", () => {
    const object = parsePickle(fromBase64(base64));
    if (!(object instanceof PickleObject) || object.callable.name !== "RecoPixelVariation" || !isDict(object.state)) {
      throw new IceCubeError("garbled", "the pickle holds no RecoPixelVariation");
    }
    const state = object.state;
    const number = (key: string): number => {
      const value = state[key];
      if (typeof value !== "number") throw new IceCubeError("garbled", `${key} is no number`);
      return value;
    };
    return {
      nside: number("nside"),
      pixel: number("pixel_id"),
      posvar: number("posvar_id"),
      llh: number("llh"),
      eInGeV: number("reco_losses_inside"),
      eTotGeV: number("reco_losses_total"),
      ...pickledPosition(state["position"]),
      timeNs: number("time"),
      energyGeV: number("energy"),
    };
  });
}

function isDict(value: PickleValue | undefined): value is PickleDict {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}

/** The pickled state of an I3Position: class infos and ids (12 bytes), then x, y, z. */
function pickledPosition(value: PickleValue | undefined): { xM: number; yM: number; zM: number } {
  const state = value instanceof PickleObject && value.callable.name === "I3Position" ? value.state : undefined;
  const blob = state instanceof PickleTuple ? state.items[1] : undefined;
  if (!(blob instanceof Uint8Array)) throw new IceCubeError("garbled", "position is no I3Position");
  const reader = new ByteReader(blob);
  reader.bytes(12);
  const position = { xM: reader.f64(), yM: reader.f64(), zM: reader.f64() };
  reader.end();
  return position;
}
