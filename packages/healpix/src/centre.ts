/* From a pixel to the direction of its centre (Gorski et al. 2005, equations 4, 5, 8, 9 and section 4.2). */
import { HALF_PI, type Direction, type SkyDirection } from "./direction.ts";
import { at, capRing, F1, F2, MAX_SHORT_NSIDE, nestToFace, rowInBelt } from "./face.ts";
import { checkPixel, nsideToOrder } from "./nside.ts";

/** The last centre; sin theta is negative unless cos theta alone would be inaccurate. */
const centre: Float64Array = new Float64Array(3);
const Z = 0;
const PHI = 1;
const SIN_THETA = 2;

/** Sets z and sin theta of ring i from the north. */
function setRing(nside: number, i: number): void {
  if (i >= nside && i <= 3 * nside) {
    centre[Z] = ((2 * nside - i) * 2) / (3 * nside);
    centre[SIN_THETA] = -1;
    return;
  }
  const quarter = i < nside ? i : 4 * nside - i;
  const fromPole = (quarter * quarter) / (3 * nside * nside);
  centre[Z] = i < nside ? 1 - fromPole : fromPole - 1;
  centre[SIN_THETA] = fromPole < 0.01 ? Math.sqrt(fromPole * (2 - fromPole)) : -1;
}

/** Sets the longitude of a RING pixel and returns its ring, from 1 at the north. */
function ringOf(nside: number, pixel: number): number {
  const ncap = 2 * nside * (nside - 1);
  const fromEnd = 12 * nside * nside - 1 - pixel;
  if (pixel < ncap) {
    const i = capRing(2 * pixel + 1);
    centre[PHI] = ((pixel - 2 * i * (i - 1) + 0.5) * HALF_PI) / i;
    return i;
  }
  if (fromEnd < ncap) {
    const i = capRing(2 * fromEnd + 1);
    centre[PHI] = ((2 * i * (i + 1) - fromEnd - 0.5) * HALF_PI) / i;
    return 4 * nside - i;
  }
  const row = rowInBelt(nside, pixel - ncap);
  centre[PHI] = ((pixel - ncap - row * 4 * nside + 0.5 - 0.5 * (row & 1)) * HALF_PI) / nside;
  return row + nside;
}

/** The same of a NESTED pixel. */
function ringOfNest(nside: number, pixel: number): number {
  nestToFace(nside, pixel);
  const { face, x, y } = at;
  const i = F1[face]! * nside - x - y - 1;
  const quarter = i < nside ? i : i > 3 * nside ? 4 * nside - i : nside;
  let eighths = F2[face]! * quarter + x - y;
  if (eighths < 0) eighths += 8 * quarter;
  centre[PHI] = (eighths * 0.5 * HALF_PI) / quarter;
  return i;
}

function computedTheta(nside: number, i: number): number {
  setRing(nside, i);
  const sinTheta = centre[SIN_THETA]!;
  return sinTheta < 0 ? Math.acos(centre[Z]!) : Math.atan2(sinTheta, centre[Z]!);
}

/** Colatitudes of the rings by order, as far as they were asked for: a look is faster than an arc cosine. 0.5 MiB if all were. */
const tables: (Float64Array | undefined)[] = [];
let table: Float64Array = new Float64Array(0);
let tableNside = 0;

function useTable(nside: number): void {
  const order = nsideToOrder(nside);
  table = tables[order] ??= Float64Array.from({ length: 4 * nside - 1 }, (_, k) => computedTheta(nside, k + 1));
  tableNside = nside;
}

/** Colatitude of ring i from the north. */
function thetaOf(nside: number, i: number): number {
  if (nside !== tableNside) {
    if (nside > MAX_SHORT_NSIDE) return computedTheta(nside, i);
    useTable(nside);
  }
  return table[i - 1]!;
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

/** Centre of a RING pixel. @throws HealpixError `nside`, `pixel` */
export function ringToAng(nside: number, pixel: number): Direction {
  checkPixel(nside, pixel);
  const thetaRad = thetaOf(nside, ringOf(nside, pixel));
  return { thetaRad, phiRad: centre[PHI]! };
}

/** Centre of a NESTED pixel. @throws HealpixError `nside`, `pixel` */
export function nestToAng(nside: number, pixel: number): Direction {
  checkPixel(nside, pixel);
  const thetaRad = thetaOf(nside, ringOfNest(nside, pixel));
  return { thetaRad, phiRad: centre[PHI]! };
}

/** Centre of a RING pixel as (theta, phi) written into `out[0..1]`. @throws HealpixError `nside`, `pixel` */
export function ringToAngInto(nside: number, pixel: number, out: Float64Array): Float64Array {
  checkPixel(nside, pixel);
  out[0] = thetaOf(nside, ringOf(nside, pixel));
  out[1] = centre[PHI]!;
  return out;
}

/** Centre of a NESTED pixel as (theta, phi) written into `out[0..1]`. @throws HealpixError `nside`, `pixel` */
export function nestToAngInto(nside: number, pixel: number, out: Float64Array): Float64Array {
  checkPixel(nside, pixel);
  out[0] = thetaOf(nside, ringOfNest(nside, pixel));
  out[1] = centre[PHI]!;
  return out;
}

/** Centre of a RING pixel as a unit vector, in `out[0..2]` when given. @throws HealpixError `nside`, `pixel` */
export function ringToVec(nside: number, pixel: number, out: Float64Array = new Float64Array(3)): Float64Array {
  checkPixel(nside, pixel);
  setRing(nside, ringOf(nside, pixel));
  return writeVec(out);
}

/** Centre of a NESTED pixel as a unit vector, in `out[0..2]` when given. @throws HealpixError `nside`, `pixel` */
export function nestToVec(nside: number, pixel: number, out: Float64Array = new Float64Array(3)): Float64Array {
  checkPixel(nside, pixel);
  setRing(nside, ringOfNest(nside, pixel));
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
