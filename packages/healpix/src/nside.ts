/*
 * Notation, after Gorski et al. 2005, ApJ 622, 759 (astro-ph/0409513):
 *
 *   nside        resolution, N_side: a power of two; each of the 12 base pixels ("faces") has nside x nside pixels
 *   order        k = log2(nside)
 *   npix         12 nside^2, number of pixels                                               section 4
 *   theta, phi   colatitude in [0, pi] from the north pole, longitude eastwards; z = cos theta
 *   i            ring number from the north pole, 1 .. 4 nside - 1                           section 4.1
 *   j            pixel in ring, from 1
 *   p            pixel number, from 0; RING counts along rings, NESTED down the quad tree of a face
 *   f            face, 0-3 north, 4-7 equator, 8-11 south                                    section 4.2, figure 4
 *   x, y         column to the north-east and to the north-west inside a face, 0 .. nside - 1
 *   F1, F2       ring and longitude offset of the faces                                      equations 10, 11
 *   ncap         2 nside (nside - 1), pixels of one polar cap (rings 1 .. nside - 1)
 *
 * On the sky: phi = right ascension, theta = pi/2 - declination.
 */
import { HealpixError } from "./error.ts";

/** Finest resolution: beyond it pixel numbers would pass 2^53. */
export const MAX_ORDER = 24;

/** 2^24; a pixel is then 0.013 arc seconds wide and numbers stay below 3.4e15. */
export const MAX_NSIDE: number = 2 ** MAX_ORDER;

/** Whether `nside` is a power of two from 1 to {@link MAX_NSIDE}. */
export function isNside(nside: number): boolean {
  return (nside | 0) === nside && nside >= 1 && nside <= MAX_NSIDE && (nside & (nside - 1)) === 0;
}

/** The nside that was last found valid: calls come in runs of the same, and the short check is inlined where they are made. */
let valid = 1;

/** @throws HealpixError `nside` */
export function checkNside(nside: number): void {
  if (nside !== valid) checkOtherNside(nside);
}

function checkOtherNside(nside: number): void {
  if (!isNside(nside)) throw new HealpixError("nside", `nside ${nside} is not a power of two between 1 and ${MAX_NSIDE}`);
  valid = nside;
}

/** Whether `pixel` is a pixel number of `nside` (which is taken to be valid). */
export function isPixel(nside: number, pixel: number): boolean {
  return pixel >= 0 && pixel < 12 * nside * nside && Math.floor(pixel) === pixel;
}

/** @throws HealpixError `nside` or `pixel` */
export function checkPixel(nside: number, pixel: number): void {
  checkNside(nside);
  if (!isPixel(nside, pixel)) refusePixel(nside, pixel);
}

function refusePixel(nside: number, pixel: number): never {
  throw new HealpixError("pixel", `pixel ${pixel} is not an integer between 0 and ${12 * nside * nside - 1} (nside ${nside})`);
}

/** Order k of `nside` = 2^k. */
export function nsideToOrder(nside: number): number {
  checkNside(nside);
  return 31 - Math.clz32(nside);
}

/** 2^order. @throws HealpixError `order` */
export function orderToNside(order: number): number {
  if (!Number.isInteger(order) || order < 0 || order > MAX_ORDER) {
    throw new HealpixError("order", `order ${order} is not an integer between 0 and ${MAX_ORDER}`);
  }
  return 2 ** order;
}

/** Number of pixels on the sphere, 12 nside^2. */
export function pixelCount(nside: number): number {
  checkNside(nside);
  return 12 * nside * nside;
}

/** Solid angle of every pixel of `nside` in steradian. */
export function pixelArea(nside: number): number {
  return (4 * Math.PI) / pixelCount(nside);
}
