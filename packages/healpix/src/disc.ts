/* Pixels of a disc, found ring by ring: the cost goes with the rings touched and the pixels returned, never with the sky. */
import { ringToAngInto } from "./centre.ts";
import { angularDistance, TWO_PI } from "./direction.ts";
import { HealpixError } from "./error.ts";
import { checkNside } from "./nside.ts";

/** A ring at or just north of a colatitude; 0 when that is the pole. */
function ringNorthOf(nside: number, theta: number): number {
  if (theta <= 0) return 0;
  if (theta >= Math.PI) return 4 * nside - 1;
  const z = Math.cos(theta);
  if (Math.abs(z) <= 2 / 3) return Math.floor(nside * (2 - 1.5 * z));
  // 1 - |z| = 2 sin^2(half the angle from the pole), so nside sqrt(3 (1 - |z|)) needs no cancellation.
  const rings = nside * Math.sqrt(6) * Math.sin((z > 0 ? theta : Math.PI - theta) / 2);
  return z > 0 ? Math.floor(rings) : Math.floor(4 * nside - rings);
}

/** A ring: its first pixel, its number of pixels and their width in radian, how far the first centre is from longitude 0 in such widths. */
const row = { first: 0, length: 0, widthRad: 0, offset: 0, z: 0, sinTheta: 0 };

/** Ring i, from 1 at the north. */
function toRow(nside: number, i: number): void {
  if (i >= nside && i <= 3 * nside) {
    row.first = 2 * nside * (nside - 1) + (i - nside) * 4 * nside;
    row.length = 4 * nside;
    row.offset = ((i - nside) & 1) === 0 ? 0.5 : 0;
    row.z = ((2 * nside - i) * 2) / (3 * nside);
    row.sinTheta = Math.sqrt((1 - row.z) * (1 + row.z));
  } else {
    const quarter = i < nside ? i : 4 * nside - i;
    row.first = i < nside ? 2 * i * (i - 1) : 12 * nside * nside - 2 * quarter * (quarter + 1);
    row.length = 4 * quarter;
    row.offset = 0.5;
    const fromPole = (quarter * quarter) / (3 * nside * nside);
    row.z = i < nside ? 1 - fromPole : fromPole - 1;
    row.sinTheta = Math.sqrt(fromPole * (2 - fromPole));
  }
  row.widthRad = TWO_PI / row.length;
}

/** The disc that is being looked for. */
const disc = { nside: 1, thetaRad: 0, phiRad: 0, radiusRad: 0, z: 0, sinTheta: 0, cosRadius: 0 };
const ang = new Float64Array(2);

/** Pixel k of the row, counted around it from any turn. */
function wrapped(k: number): number {
  const { first, length } = row;
  if (k >= 0 && k < length) return first + k;
  // The remainder of doubles is slow, and most are one turn away.
  if (k < 0 && k >= -length) return first + k + length;
  return first + (((k % length) + length) % length);
}

function inside(k: number): boolean {
  ringToAngInto(disc.nside, wrapped(k), ang);
  return angularDistance(disc.thetaRad, disc.phiRad, ang[0]!, ang[1]!) < disc.radiusRad;
}

/** What the row has in the disc: from pixel `low` up to and with `high`, counted on from 0 in either direction; none when `high` < `low`. */
const found = { low: 0, high: 0 };

/** Many times what the cosines below, and longitudes for each radian of them, lose to rounding. */
const COSINE_ROUNDING = 1e-14;
const PHI_ROUNDING = 1e-14;

/**
 * The disc's part of the row by cos(r) = z z0 + sin(theta) sin(theta0) cos(dphi), where that alone tells it: when both ends of the part
 * are farther from the next centres than all rounding. In fine pixels and near a pole they are not.
 */
function foundByFormula(middle: number): boolean {
  const across = row.sinTheta * disc.sinTheta;
  const over = disc.cosRadius - row.z * disc.z;
  if (over > across + COSINE_ROUNDING) {
    found.low = 0;
    found.high = -1;
    return true;
  }
  const cosine = over / across;
  if (!(cosine > -0.99 && cosine < 1)) return false;
  const reach = Math.acos(cosine) / row.widthRad;
  // d(cosine) = sin(dphi) d(dphi)
  const sine = Math.sqrt((1 - cosine) * (1 + cosine));
  const margin = (COSINE_ROUNDING / (across * sine) + PHI_ROUNDING * (1 + Math.abs(disc.phiRad))) / row.widthRad;
  const low = Math.ceil(middle - reach);
  const high = Math.floor(middle + reach);
  const lowGap = low - (middle - reach);
  const highGap = middle + reach - high;
  if (!(lowGap > margin && lowGap < 1 - margin && highGap > margin && highGap < 1 - margin && margin < 0.05 * reach))
    return false;
  found.low = low;
  found.high = high;
  return true;
}

/** The same wherever the formula leaves it open: the distance itself decides. */
function foundByDistance(middle: number): void {
  // The centres on both sides of the meridian: either may be the only one inside.
  const west = Math.floor(middle);
  const east = west + 1;
  const westInside = inside(west);
  const eastInside = inside(east);
  found.low = westInside ? west : east;
  found.high = eastInside ? east : west;
  if (!westInside && !eastInside) return;
  const half = row.length / 2;
  if (inside(west + half) && inside(east + half)) {
    found.high = found.low + row.length - 1;
    return;
  }
  // Haversine: sin^2(dphi/2) = (sin^2(r/2) - sin^2(dtheta/2)) / (sin theta sin theta0), to within rounding also for the smallest discs.
  ringToAngInto(disc.nside, row.first, ang);
  const halfR = Math.sin(disc.radiusRad / 2);
  const halfT = Math.sin((ang[0]! - disc.thetaRad) / 2);
  const share = ((halfR - halfT) * (halfR + halfT)) / (row.sinTheta * disc.sinTheta);
  const reach = share >= 1 ? row.length / 2 : share > 0 ? (2 * Math.asin(Math.sqrt(share))) / row.widthRad : 0;
  let low = Math.min(Math.ceil(middle - reach), found.low);
  let high = Math.max(Math.floor(middle + reach), found.high);
  while (low < found.low && !inside(low)) low++;
  while (inside(low - 1)) low--;
  while (high > found.high && !inside(high)) high--;
  while (inside(high + 1)) high++;
  found.low = low;
  found.high = high;
}

/** Adds a range behind the others, or to the last when it goes on there. */
function add(ranges: number[], from: number, to: number): void {
  if (ranges.length > 0 && ranges[ranges.length - 1] === from) ranges[ranges.length - 1] = to;
  else ranges.push(from, to);
}

/**
 * The RING pixels whose centre lies strictly closer than `radiusRad` to a direction, as disjoint half-open ranges
 * `[from, to, from, to, ...]`, ascending. The distance is {@link angularDistance} to {@link ringToAngInto}'s centre.
 * @throws HealpixError `nside`; `direction` for a colatitude outside [0, pi]; `argument` for a negative or NaN radius
 */
export function ringDiscRanges(nside: number, thetaRad: number, phiRad: number, radiusRad: number): number[] {
  checkNside(nside);
  if (!(thetaRad >= 0 && thetaRad <= Math.PI) || !Number.isFinite(phiRad)) {
    throw new HealpixError(
      "direction",
      `colatitude ${thetaRad}, longitude ${phiRad}: the colatitude must be in [0, pi] radian, the longitude finite`,
    );
  }
  if (!(radiusRad >= 0)) throw new HealpixError("argument", `radius ${radiusRad} is not an angle of 0 or more radian`);
  if (radiusRad > Math.PI) return [0, 12 * nside * nside];

  disc.nside = nside;
  disc.thetaRad = thetaRad;
  disc.phiRad = phiRad;
  disc.radiusRad = radiusRad;
  disc.z = Math.cos(thetaRad);
  disc.sinTheta = Math.sin(thetaRad);
  disc.cosRadius = Math.cos(radiusRad);
  const ranges: number[] = [];
  // One ring of margin on both sides for rounding; rings outside turn out empty.
  const from = Math.max(1, ringNorthOf(nside, thetaRad - radiusRad) - 1);
  const to = Math.min(4 * nside - 1, ringNorthOf(nside, thetaRad + radiusRad) + 2);
  for (let i = from; i <= to; i++) {
    toRow(nside, i);
    // Distance in pixels, along the ring, from its first pixel to the meridian of the disc's centre.
    const middle = phiRad / row.widthRad - row.offset;
    if (!foundByFormula(middle)) foundByDistance(middle);
    const count = found.high - found.low + 1;
    if (count <= 0) continue;
    const { first, length } = row;
    const start = count === length ? first : wrapped(found.low);
    const end = start + count;
    if (end <= first + length) {
      add(ranges, start, end);
    } else {
      add(ranges, first, end - length);
      add(ranges, start, first + length);
    }
  }
  return ranges;
}

/** The RING pixels whose centre lies strictly closer than `radiusRad` to a direction, ascending. @throws HealpixError as {@link ringDiscRanges} */
export function ringDisc(nside: number, thetaRad: number, phiRad: number, radiusRad: number): number[] {
  const ranges = ringDiscRanges(nside, thetaRad, phiRad, radiusRad);
  let count = 0;
  for (let k = 0; k < ranges.length; k += 2) count += ranges[k + 1]! - ranges[k]!;
  const pixels = new Array<number>(count);
  let at = 0;
  for (let k = 0; k < ranges.length; k += 2) {
    const end = ranges[k + 1]!;
    for (let pixel = ranges[k]!; pixel < end; pixel++) pixels[at++] = pixel;
  }
  return pixels;
}
