import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  IceCubeError,
  decodeIcetrayOutfile,
  encodeIcetrayInfile,
  fitStatus,
  frameObject,
  openFrame,
  packedFrames,
  particleShape,
  readEventHeader,
  speedOfLightMPerNs,
} from "@skyscan/icecube";
import type { EventHeader, JsonValue, Particle } from "@skyscan/icecube";
import type { FitPayload } from "@skyscan/protocol";
import { messageOf } from "@skyscan/runtime";
import { RecoError } from "../manifest/errors.ts";
import type { RunnerOptions } from "../process/runner-options.ts";
import type { RecoStartup } from "../runner/reco-startup.ts";
import type { OneshotAnswer, OneshotFormat } from "./oneshot-format.ts";

/**
 * Format `icetray` (reco protocol, section 4): a P frame in, a RecoPixelVariation out, as the predecessor's images from v3.21 to v4 have it.
 * @throws RecoError `start-failed` when the startup file's packet has no p frame with a header.
 */
export async function createIcetrayFormat({
  reco,
  startupPath,
}: Pick<RunnerOptions, "reco" | "startupPath">): Promise<OneshotFormat> {
  const startup = JSON.parse(await readFile(startupPath, "utf8")) as RecoStartup;
  const recoAlgo = reco.manifest.name;
  const realtimeFormatVersion = startup.event?.realtimeFormatVersion ?? "";
  let header: EventHeader;
  try {
    header = packetHeader(startup.GCDQp_packet);
  } catch (error) {
    if (!(error instanceof IceCubeError)) throw error;
    throw new RecoError(
      "start-failed",
      `reco ${recoAlgo} takes the format icetray, and the startup file's GCDQp_packet cannot be used for it: ${error.message}`,
      { cause: error },
    );
  }
  return {
    infile({ payload }) {
      const { nside, pixel, posvar, seed, fallbackSeed } = payload;
      const particle = (from: FitPayload["seed"], minorId: number): Particle =>
        seedParticle(payload, from, minorId, majorIdOf(header, payload));
      const frame = {
        header,
        nside,
        pixel,
        posvar,
        seed: particle(seed, 1),
        ...(fallbackSeed !== null && { fallbackSeed: particle(fallbackSeed, 2) }),
      };
      return encodeIcetrayInfile({ recoAlgo, realtimeFormatVersion, frame });
    },
    answer: ({ unit, payload }, outfile) => icetrayAnswer(unit, payload, outfile),
  };
}

/** The header of the event's physics frame, which every unit's frame carries. */
function packetHeader(packet: unknown): EventHeader {
  const frames = typeof packet === "object" && packet !== null && "frames" in packet ? packet.frames : undefined;
  if (frames === undefined) {
    throw new IceCubeError("missing", 'there is none: the manifest\'s "needs" must list "gcdqp", or its `prepare` must make one');
  }
  const physics = openFrame(packedFrames(frames as JsonValue).at(-1)!).frame;
  const object = frameObject(physics, "I3EventHeader");
  if (object === undefined) throw new IceCubeError("missing", "its last frame has no I3EventHeader");
  return readEventHeader(object.blob);
}

/**
 * IceTray tells particles apart by (majorID, minorID), a number of the process and a counter there; nothing reads more into them. Here they
 * follow from event and unit, so that a unit that is tried again, anywhere, has the same infile.
 */
function majorIdOf({ runId, eventId }: EventHeader, { nside, pixel, posvar }: FitPayload): bigint {
  return createHash("sha256").update(`${runId}/${eventId}/${nside}/${pixel}/${posvar}`).digest().readBigUInt64LE();
}

/** The predecessor's seed: a track without length through the vertex. What is not known is NaN, as there. */
const seedParticle = ({ direction }: FitPayload, seed: FitPayload["seed"], minorId: number, majorId: bigint): Particle => ({
  minorId,
  majorId,
  pdg: 0,
  shape: particleShape.infiniteTrack,
  fitStatus: fitStatus.ok,
  position: { xM: seed?.xM ?? NaN, yM: seed?.yM ?? NaN, zM: seed?.zM ?? NaN },
  zenithRad: direction.zenithRad,
  azimuthRad: direction.azimuthRad,
  timeNs: seed?.timeNs ?? NaN,
  energyGeV: seed?.energyGeV ?? NaN,
  lengthM: NaN,
  speedMPerNs: speedOfLightMPerNs,
  locationType: 0,
});

function icetrayAnswer(unit: string, { nside, pixel, posvar }: FitPayload, outfile: string): OneshotAnswer {
  try {
    const { variation } = decodeIcetrayOutfile(outfile);
    if (variation.nside !== nside || variation.pixel !== pixel || variation.posvar !== posvar) {
      return { type: "bad", why: `the outfile is for unit ${variation.nside}/${variation.pixel}/${variation.posvar}` };
    }
    const { llh, eInGeV, eTotGeV, xM, yM, zM, timeNs } = variation;
    const result = {
      llh: finite(llh),
      eInGeV: finite(eInGeV),
      eTotGeV: finite(eTotGeV),
      xM: finite(xM),
      yM: finite(yM),
      zM: finite(zM),
      timeNs: finite(timeNs),
    };
    return { type: "result", unit, result };
  } catch (error) {
    if (!(error instanceof IceCubeError)) throw error;
    return { type: "bad", why: `the outfile is no answer of an IceTray reco: ${messageOf(error)}` };
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
