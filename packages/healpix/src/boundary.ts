/* The edges of a pixel (Gorski et al. 2005, section 4.2: the projection holds for any point of a face, not for centres only). */
import { HALF_PI, type Direction } from "./direction.ts";
import { HealpixError } from "./error.ts";
import { at, F1, F2, nestToFace, ringToFace } from "./face.ts";
import { checkPixel } from "./nside.ts";

/** Direction of the point (x, y), each in [0, 1], of a face. */
function facePoint(face: number, x: number, y: number): Direction {
  const i = F1[face]! - x - y;
  const inCap = i < 1 || i > 3;
  const quarter = i < 1 ? i : i > 3 ? 4 - i : 1;
  let eighths = F2[face]! * quarter + x - y;
  if (eighths < 0) eighths += 8;
  if (eighths >= 8) eighths -= 8;
  const phiRad = quarter < 1e-15 ? 0 : (eighths * 0.5 * HALF_PI) / quarter;
  if (!inCap) return { thetaRad: Math.acos(((2 - i) * 2) / 3), phiRad };
  const fromPole = (quarter * quarter) / 3;
  const thetaRad = Math.atan2(Math.sqrt(fromPole * (2 - fromPole)), i < 1 ? 1 - fromPole : fromPole - 1);
  return { thetaRad, phiRad };
}

function boundary(nside: number, step: number): Direction[] {
  if (!Number.isInteger(step) || step < 1)
    throw new HealpixError("argument", `step ${step} is not a positive integer (points per edge)`);
  const { face, x, y } = at;
  const west = x / nside;
  const south = y / nside;
  const east = (x + 1) / nside;
  const north = (y + 1) / nside;
  const d = 1 / (step * nside);
  const points = new Array<Direction>(4 * step);
  for (let k = 0; k < step; k++) {
    points[k] = facePoint(face, east - k * d, north);
    points[k + step] = facePoint(face, west, north - k * d);
    points[k + 2 * step] = facePoint(face, west + k * d, south);
    points[k + 3 * step] = facePoint(face, east, south + k * d);
  }
  return points;
}

/**
 * Outline of a RING pixel: 4 `step` directions from the northern corner over west, south and east; `step` points an edge.
 * At a pole the longitude is 0. @throws HealpixError `nside`, `pixel`, `argument`
 */
export function ringBoundary(nside: number, pixel: number, step: number): Direction[] {
  checkPixel(nside, pixel);
  ringToFace(nside, pixel);
  return boundary(nside, step);
}

/** Outline of a NESTED pixel, as {@link ringBoundary}. */
export function nestBoundary(nside: number, pixel: number, step: number): Direction[] {
  checkPixel(nside, pixel);
  nestToFace(nside, pixel);
  return boundary(nside, step);
}

/** The northern, western, southern and eastern corner of a RING pixel. @throws HealpixError `nside`, `pixel` */
export function ringCorners(nside: number, pixel: number): Direction[] {
  return ringBoundary(nside, pixel, 1);
}

/** The northern, western, southern and eastern corner of a NESTED pixel. @throws HealpixError `nside`, `pixel` */
export function nestCorners(nside: number, pixel: number): Direction[] {
  return nestBoundary(nside, pixel, 1);
}
