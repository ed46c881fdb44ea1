/* Pixels of a disc, found ring by ring: the cost goes with the rings touched and the pixels returned, never with the sky. */
import { ringToAngInto } from "./centre.ts";
import { angularDistance } from "./direction.ts";
import { HealpixError } from "./error.ts";
import { checkNside } from "./nside.ts";

/** First pixel of ring i (from 1 at the north) and its number of pixels. */
function ringExtent(nside: number, i: number): { first: number; length: number } {
  if (i < nside) return { first: 2 * i * (i - 1), length: 4 * i };
  if (i <= 3 * nside) return { first: 2 * nside * (nside - 1) + (i - nside) * 4 * nside, length: 4 * nside };
  const fromSouth = 4 * nside - i;
  return { first: 12 * nside * nside - 2 * fromSouth * (fromSouth + 1), length: 4 * fromSouth };
}

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

  const ranges: number[] = [];
  const add = (from: number, to: number): void => {
    if (ranges.length > 0 && ranges[ranges.length - 1] === from) ranges[ranges.length - 1] = to;
    else ranges.push(from, to);
  };
  const ang = new Float64Array(2);
  const inside = (pixel: number): boolean => {
    ringToAngInto(nside, pixel, ang);
    return angularDistance(thetaRad, phiRad, ang[0]!, ang[1]!) < radiusRad;
  };
  // One ring of margin on both sides for rounding; rings outside turn out empty.
  const from = Math.max(1, ringNorthOf(nside, thetaRad - radiusRad) - 1);
  const to = Math.min(4 * nside - 1, ringNorthOf(nside, thetaRad + radiusRad) + 2);
  for (let i = from; i <= to; i++) {
    const { first, length } = ringExtent(nside, i);
    ringToAngInto(nside, first, ang);
    // Distance in pixels, along the ring, from its first pixel to the meridian of the disc's centre.
    const width = (2 * Math.PI) / length;
    const middle = (phiRad - ang[1]!) / width;
    const nearest = Math.round(middle);
    const wrap = (k: number): number => first + (((k % length) + length) % length);
    if (!inside(wrap(nearest))) continue;
    if (inside(wrap(nearest + length / 2))) {
      add(first, first + length);
      continue;
    }
    // Haversine: sin^2(dphi/2) = (sin^2(r/2) - sin^2(dtheta/2)) / (sin theta sin theta0).
    const theta = thetaOfRing(nside, first, ang);
    const halfR = Math.sin(radiusRad / 2);
    const halfT = Math.sin((theta - thetaRad) / 2);
    const share = ((halfR - halfT) * (halfR + halfT)) / (Math.sin(theta) * Math.sin(thetaRad));
    const reach = share >= 1 ? length / 2 : share > 0 ? (2 * Math.asin(Math.sqrt(share))) / width : 0;
    // The formula finds the ends to within rounding; the distance itself decides.
    let low = Math.min(Math.ceil(middle - reach), nearest);
    let high = Math.max(Math.floor(middle + reach), nearest);
    while (low < nearest && !inside(wrap(low))) low++;
    while (inside(wrap(low - 1))) low--;
    while (high > nearest && !inside(wrap(high))) high--;
    while (inside(wrap(high + 1))) high++;
    const start = wrap(low);
    const end = start + (high - low) + 1;
    if (end <= first + length) {
      add(start, end);
    } else {
      add(first, end - length);
      add(start, first + length);
    }
  }
  return ranges;
}

function thetaOfRing(nside: number, first: number, ang: Float64Array): number {
  ringToAngInto(nside, first, ang);
  return ang[0]!;
}

/** The RING pixels whose centre lies strictly closer than `radiusRad` to a direction, ascending. @throws HealpixError as {@link ringDiscRanges} */
export function ringDisc(nside: number, thetaRad: number, phiRad: number, radiusRad: number): number[] {
  const ranges = ringDiscRanges(nside, thetaRad, phiRad, radiusRad);
  const pixels: number[] = [];
  for (let k = 0; k < ranges.length; k += 2) {
    for (let pixel = ranges[k]!; pixel < ranges[k + 1]!; pixel++) pixels.push(pixel);
  }
  return pixels;
}
