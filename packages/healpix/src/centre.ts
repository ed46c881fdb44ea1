/* From a pixel to the direction of its centre (Gorski et al. 2005, equations 4, 5, 8, 9 and section 4.2). */
import { HALF_PI, type Direction, type SkyDirection } from "./direction.ts";
import { at, F1, F2, locateInRing, nestToFace, ring } from "./face.ts";
import { checkPixel } from "./nside.ts";

/** The last centre; sin theta is negative unless cos theta alone would be inaccurate. */
const centre: Float64Array = new Float64Array(3);
const Z = 0;
const PHI = 1;
const SIN_THETA = 2;

/** Sets z and sin theta of ring i from the north; `quarter` is a quarter of its pixels. */
function setRing(nside: number, i: number, quarter: number): void {
  if (i >= nside && i <= 3 * nside) {
    centre[Z] = ((2 * nside - i) * 2) / (3 * nside);
    centre[SIN_THETA] = -1;
    return;
  }
  const fromPole = (quarter * quarter) / (3 * nside * nside);
  centre[Z] = i < nside ? 1 - fromPole : fromPole - 1;
  centre[SIN_THETA] = fromPole < 0.01 ? Math.sqrt(fromPole * (2 - fromPole)) : -1;
}

function ringCentre(nside: number, pixel: number): void {
  locateInRing(nside, pixel);
  const { i, j, quarter, shift } = ring;
  setRing(nside, i, quarter);
  const inPolarCap = i < nside || i > 3 * nside;
  centre[PHI] = inPolarCap || shift === 0 ? ((j - 0.5) * HALF_PI) / quarter : ((j - 1) * HALF_PI) / quarter;
}

function nestCentre(nside: number, pixel: number): void {
  nestToFace(nside, pixel);
  const { face, x, y } = at;
  const i = F1[face]! * nside - x - y - 1;
  const quarter = i < nside ? i : i > 3 * nside ? 4 * nside - i : nside;
  setRing(nside, i, quarter);
  let eighths = F2[face]! * quarter + x - y;
  if (eighths < 0) eighths += 8 * quarter;
  centre[PHI] = (eighths * 0.5 * HALF_PI) / quarter;
}

/** Colatitude of the last centre. */
function theta(): number {
  return centre[SIN_THETA]! < 0 ? Math.acos(centre[Z]!) : Math.atan2(centre[SIN_THETA]!, centre[Z]!);
}

function writeVec(out: Float64Array): Float64Array {
  const z = centre[Z]!;
  const phi = centre[PHI]!;
  const sinTheta = centre[SIN_THETA]!;
  const across = sinTheta < 0 ? Math.sqrt((1 - z) * (1 + z)) : sinTheta;
  out[0] = across * Math.cos(phi);
  out[1] = across * Math.sin(phi);
  out[2] = z;
  return out;
}

function writeAng(out: Float64Array): Float64Array {
  out[0] = theta();
  out[1] = centre[PHI]!;
  return out;
}

/** Centre of a RING pixel. @throws HealpixError `nside`, `pixel` */
export function ringToAng(nside: number, pixel: number): Direction {
  checkPixel(nside, pixel);
  ringCentre(nside, pixel);
  return { thetaRad: theta(), phiRad: centre[PHI]! };
}

/** Centre of a NESTED pixel. @throws HealpixError `nside`, `pixel` */
export function nestToAng(nside: number, pixel: number): Direction {
  checkPixel(nside, pixel);
  nestCentre(nside, pixel);
  return { thetaRad: theta(), phiRad: centre[PHI]! };
}

/** Centre of a RING pixel as (theta, phi) written into `out[0..1]`. @throws HealpixError `nside`, `pixel` */
export function ringToAngInto(nside: number, pixel: number, out: Float64Array): Float64Array {
  checkPixel(nside, pixel);
  ringCentre(nside, pixel);
  return writeAng(out);
}

/** Centre of a NESTED pixel as (theta, phi) written into `out[0..1]`. @throws HealpixError `nside`, `pixel` */
export function nestToAngInto(nside: number, pixel: number, out: Float64Array): Float64Array {
  checkPixel(nside, pixel);
  nestCentre(nside, pixel);
  return writeAng(out);
}

/** Centre of a RING pixel as a unit vector, in `out[0..2]` when given. @throws HealpixError `nside`, `pixel` */
export function ringToVec(nside: number, pixel: number, out: Float64Array = new Float64Array(3)): Float64Array {
  checkPixel(nside, pixel);
  ringCentre(nside, pixel);
  return writeVec(out);
}

/** Centre of a NESTED pixel as a unit vector, in `out[0..2]` when given. @throws HealpixError `nside`, `pixel` */
export function nestToVec(nside: number, pixel: number, out: Float64Array = new Float64Array(3)): Float64Array {
  checkPixel(nside, pixel);
  nestCentre(nside, pixel);
  return writeVec(out);
}

/** Centre of a RING pixel on the sky (ra = phi, dec = pi/2 - theta). @throws HealpixError `nside`, `pixel` */
export function ringToSky(nside: number, pixel: number): SkyDirection {
  const { thetaRad, phiRad } = ringToAng(nside, pixel);
  return { raRad: phiRad, decRad: HALF_PI - thetaRad };
}

/** Centre of a NESTED pixel on the sky (ra = phi, dec = pi/2 - theta). @throws HealpixError `nside`, `pixel` */
export function nestToSky(nside: number, pixel: number): SkyDirection {
  const { thetaRad, phiRad } = nestToAng(nside, pixel);
  return { raRad: phiRad, decRad: HALF_PI - thetaRad };
}
