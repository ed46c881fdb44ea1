import { speedOfLightMPerNs, type Position } from "@skyscan/icecube";

/**
 * Cherenkov light of a track in homogeneous ice, as AMANDA's track reconstruction describes it (astro-ph/0407044). Notation:
 *
 * | here | paper | meaning |
 * |---|---|---|
 * | `perpendicularM` | rho, d | distance of a module from the track |
 * | `cosEta` | cos eta | direction of unscattered light at the module, +1 = upwards, into the module's face |
 * | `effectiveM` | d_eff | distance that stands for the amount of scattering, the orientation of the module included |
 * | `shape` | xi = d_eff / lambda | shape of the gamma (Pandel) distribution of delays |
 */
export interface LightAtModule {
  readonly perpendicularM: number;
  /** Arrival time of unscattered light. */
  readonly geometricNs: number;
  readonly cosEta: number;
  readonly effectiveM: number;
  readonly shape: number;
}

/** A track: a point on it, when the particle is there, and the unit vector of travel. */
export interface Track {
  readonly point: Position;
  readonly timeNs: number;
  readonly direction: readonly [x: number, y: number, z: number];
}

const phaseIndex = 1.3195;
const groupIndex = 1.35634;
const tauNs = 557;
const scatteringM = 33.3;
const absorptionM = 98;

const cosCherenkov = 1 / phaseIndex;
const sinCherenkov = Math.sqrt(1 - cosCherenkov ** 2);
const delayPerM = (phaseIndex * groupIndex - 1) / Math.sqrt(phaseIndex ** 2 - 1);

/** Rate of the exponential tail of delays, 1/ns: scattering away and absorption. */
export const delayRatePerNs: number = 1 / tauNs + speedOfLightMPerNs / (groupIndex * absorptionM);

/**
 * Effective distance over which the light that arrives falls by e, whatever its delay: the norm of the Pandel function,
 * exp(-d/absorption) (1 + tau c_ice/absorption)^(-d/lambda). 28.9 m.
 */
export const attenuationM: number =
  1 / (1 / absorptionM + Math.log(1 + (tauNs * speedOfLightMPerNs) / (groupIndex * absorptionM)) / scatteringM);

/** Unit vector of travel of a particle that comes from (zenith, azimuth). */
export function travelDirection(zenithRad: number, azimuthRad: number): [x: number, y: number, z: number] {
  const s = Math.sin(zenithRad);
  return [-s * Math.cos(azimuthRad), -s * Math.sin(azimuthRad), -Math.cos(zenithRad)];
}

/** When and how scattered a track's light comes to a module. */
export function lightAt(track: Track, module: Position): LightAtModule {
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
  const effectiveM = 3.1 - 3.9 * cosEta + 4.6 * cosEta ** 2 + 0.84 * perpendicularM;
  return {
    perpendicularM,
    geometricNs: track.timeNs + (along + delayPerM * perpendicularM) / speedOfLightMPerNs,
    cosEta,
    effectiveM,
    shape: effectiveM / scatteringM,
  };
}
