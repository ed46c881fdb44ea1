/*
 * Bilinear interpolation between the four pixel centres around a direction, two on the ring above and two on the ring below, with the
 * weights of healpy's get_interp_weights (Healpix C++, T_Healpix_Base::get_interpol).
 */

/** Four RING pixels and their weights, which add up to 1. Near a pole a pixel may come twice. */
export interface RingWeights {
  readonly pixels: Float64Array;
  readonly weights: Float64Array;
}

/** Room for {@link ringWeightsInto}. */
export function createRingWeights(): RingWeights {
  return { pixels: new Float64Array(4), weights: new Float64Array(4) };
}

/** Where the last located ring is. */
const ring = { theta: 0, first: 0, length: 0, shift: 0 };

function locateRing(nside: number, number: number): void {
  const north = number > 2 * nside ? 4 * nside - number : number;
  const total = 12 * nside * nside;
  if (north < nside) {
    const t = (north * north * 4) / total;
    ring.theta = Math.atan2(Math.sqrt(t * (2 - t)), 1 - t);
    ring.length = 4 * north;
    ring.shift = 0.5;
    ring.first = 2 * north * (north - 1);
  } else {
    ring.theta = Math.acos(((2 * nside - north) * 8 * nside) / total);
    ring.length = 4 * nside;
    ring.shift = ((north - nside) & 1) === 0 ? 0.5 : 0;
    ring.first = 2 * nside * (nside - 1) + (north - nside) * ring.length;
  }
  if (north !== number) {
    ring.theta = Math.PI - ring.theta;
    ring.first = total - ring.first - ring.length;
  }
}

/** Number of the ring at or above a height; 0: the direction is north of all rings. */
function ringAbove(nside: number, z: number): number {
  const height = Math.abs(z);
  if (height <= 2 / 3) return Math.floor(nside * (2 - 1.5 * z));
  const fromPole = Math.floor(nside * Math.sqrt(3 * (1 - height)));
  return z > 0 ? fromPole : 4 * nside - fromPole - 1;
}

/** The pair of the located ring around a longitude, at place 0 or 2 of `out`. */
function pairInto(out: RingWeights, at: number, phiRad: number): void {
  const position = phiRad / ((2 * Math.PI) / ring.length) - ring.shift;
  const left = Math.floor(position);
  const share = position - left;
  const { length, first } = ring;
  out.pixels[at] = first + ((left + length) % length);
  out.pixels[at + 1] = first + ((left + 1 + length) % length);
  out.weights[at] = 1 - share;
  out.weights[at + 1] = share;
}

/** Pixels and weights for a direction of the pixelisation (colatitude in [0, pi], longitude in [0, 2 pi)), into `out`. */
export function ringWeightsInto(nside: number, thetaRad: number, phiRad: number, out: RingWeights): void {
  const { pixels, weights } = out;
  const above = ringAbove(nside, Math.cos(thetaRad));
  let thetaAbove = 0;
  let thetaBelow = Math.PI;
  if (above > 0) {
    locateRing(nside, above);
    thetaAbove = ring.theta;
    pairInto(out, 0, phiRad);
  }
  if (above + 1 < 4 * nside) {
    locateRing(nside, above + 1);
    thetaBelow = ring.theta;
    pairInto(out, 2, phiRad);
  }
  const down = Math.min(1, Math.max(0, (thetaRad - thetaAbove) / (thetaBelow - thetaAbove)));
  // Beyond the last ring the pole has the mean of its four pixels.
  if (above === 0) {
    const pole = (1 - down) / 4;
    weights[2] = weights[2]! * down + pole;
    weights[3] = weights[3]! * down + pole;
    weights[0] = weights[1] = pole;
    pixels[0] = (pixels[2]! + 2) & 3;
    pixels[1] = (pixels[3]! + 2) & 3;
  } else if (above + 1 === 4 * nside) {
    const pole = down / 4;
    const last = 12 * nside * nside - 4;
    weights[0] = weights[0]! * (1 - down) + pole;
    weights[1] = weights[1]! * (1 - down) + pole;
    weights[2] = weights[3] = pole;
    pixels[2] = last + ((pixels[0]! - last + 2) & 3);
    pixels[3] = last + ((pixels[1]! - last + 2) & 3);
  } else {
    weights[0]! *= 1 - down;
    weights[1]! *= 1 - down;
    weights[2]! *= down;
    weights[3]! *= down;
  }
}
