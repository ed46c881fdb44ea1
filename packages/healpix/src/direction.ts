import { HealpixError } from "./error.ts";

/** A direction in the frame of the pixelisation: colatitude in [0, pi] and longitude in [0, 2 pi), radian. */
export interface Direction {
  readonly thetaRad: number;
  readonly phiRad: number;
}

/** A direction on the sky: right ascension in [0, 2 pi), declination in [-pi/2, pi/2], radian. */
export interface SkyDirection {
  readonly raRad: number;
  readonly decRad: number;
}

export const HALF_PI: number = Math.PI / 2;
export const TWO_PI: number = 2 * Math.PI;

/** `angle` brought into [0, 2 pi). */
export function wrapAngle(angleRad: number): number {
  if (angleRad >= 0 && angleRad < TWO_PI) return angleRad;
  const rest = angleRad - TWO_PI * Math.floor(angleRad / TWO_PI);
  // A tiny negative angle rounds to 2 pi itself.
  return rest >= TWO_PI || rest < 0 ? 0 : rest;
}

/** Sky direction of a direction of the pixelisation. */
export function directionToSky({ thetaRad, phiRad }: Direction): SkyDirection {
  return { raRad: wrapAngle(phiRad), decRad: HALF_PI - thetaRad };
}

/** Direction of the pixelisation of a sky direction. */
export function skyToDirection({ raRad, decRad }: SkyDirection): Direction {
  return { thetaRad: HALF_PI - decRad, phiRad: wrapAngle(raRad) };
}

/** Unit vector (x, y, z) of a direction, in `out` when given. */
export function directionToVec(thetaRad: number, phiRad: number, out: Float64Array = new Float64Array(3)): Float64Array {
  const sinTheta = Math.sin(thetaRad);
  out[0] = sinTheta * Math.cos(phiRad);
  out[1] = sinTheta * Math.sin(phiRad);
  out[2] = Math.cos(thetaRad);
  return out;
}

/** Direction of a vector of any length. @throws HealpixError `direction` for a null or non-finite vector */
export function vecToDirection(x: number, y: number, z: number): Direction {
  const across = Math.hypot(x, y);
  if (!(across + Math.abs(z) > 0) || !Number.isFinite(across + z)) {
    throw new HealpixError("direction", `(${x}, ${y}, ${z}) has no direction`);
  }
  return { thetaRad: Math.atan2(across, z), phiRad: across === 0 ? 0 : wrapAngle(Math.atan2(y, x)) };
}

/**
 * Angle between two directions in radian, accurate from 0 to pi (Vincenty's formula: no arc cosine near 1, no arc sine near 1).
 * The polar angles are colatitudes.
 */
export function angularDistance(thetaA: number, phiA: number, thetaB: number, phiB: number): number {
  const sinA = Math.sin(thetaA);
  const cosA = Math.cos(thetaA);
  const sinB = Math.sin(thetaB);
  const cosB = Math.cos(thetaB);
  const cosPhi = Math.cos(phiB - phiA);
  // sinA cosB - cosA sinB cosPhi, without the cancellation it has for close directions.
  const sinHalf = Math.sin((phiB - phiA) / 2);
  const along = Math.sin(thetaA - thetaB) + 2 * cosA * sinB * sinHalf * sinHalf;
  const across = sinB * Math.sin(phiB - phiA);
  return Math.atan2(Math.hypot(across, along), cosA * cosB + sinA * sinB * cosPhi);
}

/** {@link angularDistance} of two sky directions. */
export function skyDistance(a: SkyDirection, b: SkyDirection): number {
  return angularDistance(HALF_PI - a.decRad, a.raRad, HALF_PI - b.decRad, b.raRad);
}
