import { ArchiveReader } from "./archive-reader.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import type { Position } from "./simple-objects.ts";

/** Values of `Particle.shape` that matter here. */
export const particleShape: { readonly infiniteTrack: number; readonly cascade: number } = { infiniteTrack: 40, cascade: 30 };

/** Values of `Particle.fitStatus`. */
export const fitStatus: {
  readonly notSet: number;
  readonly ok: number;
  readonly generalFailure: number;
  readonly insufficientHits: number;
  readonly failedToConverge: number;
  readonly missingSeed: number;
  readonly insufficientQuality: number;
} = {
  notSet: -1,
  ok: 0,
  generalFailure: 10,
  insufficientHits: 20,
  failedToConverge: 30,
  missingSeed: 40,
  insufficientQuality: 50,
};

/** Vacuum speed of light, m/ns. */
export const speedOfLightMPerNs = 0.299792458;

/** I3Particle: a track or cascade, fitted or true. Zenith and azimuth say where it comes *from*. NaN = not known. */
export interface Particle {
  readonly minorId: number;
  readonly majorId: bigint;
  /** PDG code, 0 unknown. */
  readonly pdg: number;
  readonly shape: number;
  readonly fitStatus: number;
  readonly position: Position;
  readonly zenithRad: number;
  readonly azimuthRad: number;
  readonly timeNs: number;
  readonly energyGeV: number;
  readonly lengthM: number;
  readonly speedMPerNs: number;
  readonly locationType: number;
}

export function readParticle(blob: Uint8Array): Particle {
  const archive = new ArchiveReader(blob, "I3Particle", [5]);
  const { bytes } = archive;
  const ids = { minorId: bytes.i32(), majorId: bytes.u64(), pdg: bytes.i32(), shape: bytes.i32(), fitStatus: bytes.i32() };
  archive.object("I3Position");
  archive.frameObject();
  const position = { xM: bytes.f64(), yM: bytes.f64(), zM: bytes.f64() };
  archive.object("I3Direction");
  archive.frameObject();
  const particle: Particle = {
    ...ids,
    position,
    zenithRad: bytes.f64(),
    azimuthRad: bytes.f64(),
    timeNs: bytes.f64(),
    energyGeV: bytes.f64(),
    lengthM: bytes.f64(),
    speedMPerNs: bytes.f64(),
    locationType: bytes.i32(),
  };
  bytes.end();
  return particle;
}

export function writeParticle(particle: Particle): Uint8Array {
  const archive = new ArchiveWriter("I3Particle", 5);
  archive.bytes.i32(particle.minorId).u64(particle.majorId).i32(particle.pdg).i32(particle.shape).i32(particle.fitStatus);
  const { xM, yM, zM } = particle.position;
  archive.object("I3Position").frameObject().bytes.f64(xM).f64(yM).f64(zM);
  archive.object("I3Direction").frameObject().bytes.f64(particle.zenithRad).f64(particle.azimuthRad);
  archive.bytes.f64(particle.timeNs).f64(particle.energyGeV).f64(particle.lengthM).f64(particle.speedMPerNs);
  archive.bytes.i32(particle.locationType);
  return archive.finish();
}
