import { speedOfLightMPerNs, type Position } from "@skyscan/icecube";
import { groupIndex, iceByName, type Ice } from "./ice.ts";
import { orientationM, type LightAtModule } from "./light.ts";

/** A track: a point on it, when the particle is there, and the unit vector of travel. */
export interface Track {
  readonly point: Position;
  readonly timeNs: number;
  readonly direction: readonly [x: number, y: number, z: number];
}

const phaseIndex = 1.3195;

/** Cosine of the angle between a relativistic particle and its Cherenkov light. */
export const cosCherenkov: number = 1 / phaseIndex;
const sinCherenkov = Math.sqrt(1 - cosCherenkov ** 2);
const delayPerM = (phaseIndex * groupIndex - 1) / Math.sqrt(phaseIndex ** 2 - 1);

/**
 * When and how scattered the Cherenkov light of a bare track comes to a module, as AMANDA's track reconstruction describes it
 * (astro-ph/0407044). In its notation rho is `distanceM` here, d_eff `effectiveM`, xi `shape`.
 */
export function lightOfTrack(track: Track, module: Position, ice: Ice = iceByName("model")): LightAtModule {
  const [dx, dy, dz] = track.direction;
  const x = module.xM - track.point.xM;
  const y = module.yM - track.point.yM;
  const z = module.zM - track.point.zM;
  const along = x * dx + y * dy + z * dz;
  const tx = x - along * dx;
  const ty = y - along * dy;
  const tz = z - along * dz;
  const perpendicularM = Math.sqrt(tx * tx + ty * ty + tz * tz);
  const upwards = perpendicularM > 0 ? tz / perpendicularM : 0;
  const cosEta = cosCherenkov * dz + sinCherenkov * upwards;
  const effectiveM = orientationM(cosEta) + 0.84 * perpendicularM;
  return {
    distanceM: perpendicularM,
    geometricNs: track.timeNs + (along + delayPerM * perpendicularM) / speedOfLightMPerNs,
    cosEta,
    effectiveM,
    shape: effectiveM / ice.scatteringM,
    emission: 1,
  };
}
