/* From a direction to the pixel that holds it (Gorski et al. 2005, sections 4.1 and 4.2). */
import { HALF_PI } from "./direction.ts";
import { HealpixError } from "./error.ts";
import { faceToNest } from "./face.ts";
import { checkNside } from "./nside.ts";

const TWO_THIRDS = 2 / 3;
/** Closer to a pole than this, in radian or beyond this |z|, sin theta is used: cos theta no longer tells pixels apart. */
const NEAR_POLE_RAD = 0.01;
const NEAR_POLE_Z = 0.99;

/** The last double below 4: half a turn added to it rounds to that of a full turn, which is longitude 0. */
const FULL_TURN = 4 - 2 ** -51;

/** Longitude in quarter turns, [0, 4). */
function quarterTurns(phi: number): number {
  const turns = phi / HALF_PI;
  return turns >= 0 && turns < FULL_TURN ? turns : wrapTurns(turns);
}

function wrapTurns(turns: number): number {
  const rest = turns - 4 * Math.floor(turns / 4);
  return rest < FULL_TURN && rest > 0 ? rest : 0;
}

/** nside sqrt(3 (1 - |z|)): the distance from the pole in rings. `sinTheta` is negative when it is not known. */
function ringsFromPole(nside: number, absZ: number, sinTheta: number): number {
  return absZ < NEAR_POLE_Z || sinTheta < 0 ? nside * Math.sqrt(3 * (1 - absZ)) : (nside * sinTheta) / Math.sqrt((1 + absZ) / 3);
}

/** RING pixel between the polar caps. */
function ringInBelt(nside: number, z: number, turns: number): number {
  const alongPhi = nside * (0.5 + turns);
  const alongZ = nside * z * 0.75;
  let ascending = (alongPhi - alongZ) | 0;
  let descending = (alongPhi + alongZ) | 0;
  // At the very corners of the faces one of the two may have rounded up to a line that the other has not reached.
  if (descending - ascending > nside) descending--;
  else if (ascending - descending > nside) ascending--;
  const row = nside + ascending - descending;
  const fourNside = 4 * nside;
  const j = ((ascending + descending - nside + (row & 1) + 1 + 2 * fourNside) >> 1) & (fourNside - 1);
  return 2 * nside * (nside - 1) + row * fourNside + j;
}

/** RING pixel in a polar cap. */
function ringInCap(nside: number, z: number, turns: number, sinTheta: number): number {
  const inQuarter = turns - (turns | 0);
  const rings = ringsFromPole(nside, Math.abs(z), sinTheta);
  const i = ((inQuarter * rings) | 0) + (((1 - inQuarter) * rings) | 0) + 1;
  const j = (turns * i) | 0;
  return z > 0 ? 2 * i * (i - 1) + j : 12 * nside * nside - 2 * i * (i + 1) + j;
}

function locateNest(nside: number, z: number, phi: number, sinTheta: number): number {
  const absZ = Math.abs(z);
  const turns = quarterTurns(phi);
  if (absZ <= TWO_THIRDS) {
    const order = 31 - Math.clz32(nside);
    const alongPhi = nside * (0.5 + turns);
    const alongZ = nside * (z * 0.75);
    let ascending = (alongPhi - alongZ) | 0;
    let descending = (alongPhi + alongZ) | 0;
    // As in ringInBelt.
    if (descending - ascending > nside) descending--;
    else if (ascending - descending > nside) ascending--;
    const up = ascending >> order;
    const down = descending >> order;
    const face = up === down ? up | 4 : up < down ? up : down + 8;
    return faceToNest(nside, face, descending & (nside - 1), nside - (ascending & (nside - 1)) - 1);
  }
  const quarter = turns | 0;
  const inQuarter = turns - quarter;
  const rings = ringsFromPole(nside, absZ, sinTheta);
  const up = Math.min((inQuarter * rings) | 0, nside - 1);
  const down = Math.min(((1 - inQuarter) * rings) | 0, nside - 1);
  return z >= 0 ? faceToNest(nside, quarter, nside - down - 1, nside - up - 1) : faceToNest(nside, quarter + 8, up, down);
}

function checkDirection(theta: number, phi: number): void {
  // The difference is NaN for what is not finite.
  if (!(theta >= 0 && theta <= Math.PI && phi - phi === 0)) refuseDirection(theta, phi);
}

function refuseDirection(theta: number, phi: number): never {
  throw new HealpixError(
    "direction",
    `colatitude ${theta}, longitude ${phi}: the colatitude must be in [0, pi] radian, the longitude finite`,
  );
}

/** Sine of a colatitude near a pole, else -1: it is not needed. */
function sinNearPole(theta: number): number {
  return theta < NEAR_POLE_RAD || theta > Math.PI - NEAR_POLE_RAD ? Math.sin(theta) : -1;
}

/** RING pixel that holds a direction (colatitude in [0, pi], any longitude, radian). @throws HealpixError `nside`, `direction` */
export function angToRing(nside: number, thetaRad: number, phiRad: number): number {
  checkNside(nside);
  checkDirection(thetaRad, phiRad);
  const turns = quarterTurns(phiRad);
  const z = Math.cos(thetaRad);
  return z <= TWO_THIRDS && z >= -TWO_THIRDS ? ringInBelt(nside, z, turns) : ringInCap(nside, z, turns, sinNearPole(thetaRad));
}

/** NESTED pixel that holds a direction (colatitude in [0, pi], any longitude, radian). @throws HealpixError `nside`, `direction` */
export function angToNest(nside: number, thetaRad: number, phiRad: number): number {
  checkNside(nside);
  checkDirection(thetaRad, phiRad);
  const nearPole = thetaRad < NEAR_POLE_RAD || thetaRad > Math.PI - NEAR_POLE_RAD;
  return locateNest(nside, Math.cos(thetaRad), phiRad, nearPole ? Math.sin(thetaRad) : -1);
}

function checkedLength(x: number, y: number, z: number): number {
  const length = Math.sqrt(x * x + y * y + z * z);
  if (!(length > 0) || length === Infinity) throw new HealpixError("direction", `(${x}, ${y}, ${z}) has no direction`);
  return length;
}

/** At a pole the longitude is 0, whatever the signs of the zeros. */
function longitude(x: number, y: number): number {
  return x === 0 && y === 0 ? 0 : Math.atan2(y, x);
}

/** RING pixel that holds the direction of a vector of any length. @throws HealpixError `nside`, `direction` */
export function vecToRing(nside: number, x: number, y: number, z: number): number {
  checkNside(nside);
  const length = checkedLength(x, y, z);
  const cosTheta = z / length;
  const sinTheta = Math.abs(cosTheta) > NEAR_POLE_Z ? Math.sqrt(x * x + y * y) / length : -1;
  const turns = quarterTurns(longitude(x, y));
  return Math.abs(cosTheta) <= TWO_THIRDS ? ringInBelt(nside, cosTheta, turns) : ringInCap(nside, cosTheta, turns, sinTheta);
}

/** NESTED pixel that holds the direction of a vector of any length. @throws HealpixError `nside`, `direction` */
export function vecToNest(nside: number, x: number, y: number, z: number): number {
  checkNside(nside);
  const length = checkedLength(x, y, z);
  const cosTheta = z / length;
  const sinTheta = Math.abs(cosTheta) > NEAR_POLE_Z ? Math.sqrt(x * x + y * y) / length : -1;
  return locateNest(nside, cosTheta, longitude(x, y), sinTheta);
}

/** RING pixel that holds a right ascension (any) and declination in [-pi/2, pi/2], radian. @throws HealpixError `nside`, `direction` */
export function skyToRing(nside: number, raRad: number, decRad: number): number {
  return angToRing(nside, HALF_PI - decRad, raRad);
}

/** NESTED pixel that holds a right ascension (any) and declination in [-pi/2, pi/2], radian. @throws HealpixError `nside`, `direction` */
export function skyToNest(nside: number, raRad: number, decRad: number): number {
  return angToNest(nside, HALF_PI - decRad, raRad);
}
