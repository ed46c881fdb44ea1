import { fromBase64, toBase64 } from "../bytes/compression.ts";
import { within } from "../errors.ts";
import { writeEventHeader, type EventHeader } from "../frame/event-header.ts";
import { createFrame, parseFrame, writeFrame, type Frame, type FrameObject } from "../frame/frame.ts";
import { pickleFrame, unpickleFrame } from "../frame/frame-pickle.ts";
import { writeParticle, type Particle } from "../frame/particle.ts";
import { writeInt } from "../frame/simple-objects.ts";

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
