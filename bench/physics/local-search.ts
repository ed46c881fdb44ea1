import { ringChildren, ringDisc, ringToSky, skyToDirection } from "@skyscan/healpix";
import type { DetectorDirection, SkyFrame } from "@skyscan/icecube";
import type { RecoSession } from "./reco-session.ts";

export interface Minimum extends DetectorDirection {
  readonly llh: number;
}

const capRad = (4 * Math.PI) / 180;
const refinedPixels = 8;
const descents = 3;
/** A descent's first step; it is halved until below the last one. */
const firstStepRad = 0.001;
const lastStepRad = 2e-5;

/**
 * The lowest minimum within 4 degrees of `centre`: every pixel of nside 64 there, the children at nside 512 of the best 8, then
 * downhill from the best 3 of those and from the centre itself, to 0.001 degrees. A scan looks at the whole sky instead and stops at pixel centres of nside 512.
 */
export async function searchAround(session: RecoSession, sky: SkyFrame, centre: DetectorDirection): Promise<Minimum> {
  const { raRad, decRad } = sky.dirToEqua(centre.zenithRad, centre.azimuthRad);
  const { thetaRad, phiRad } = skyToDirection({ raRad, decRad });
  const coarse = await fitPixels(session, sky, 64, ringDisc(64, thetaRad, phiRad, capRad));
  const fine = await fitPixels(
    session,
    sky,
    512,
    coarse.slice(0, refinedPixels).flatMap(({ pixel }) => ringChildren(64, pixel, 512)),
  );
  let best: Minimum = { ...centre, llh: Infinity };
  for (const start of [centre, ...fine.slice(0, descents)]) {
    const end = await descend(session, start);
    if (end.llh < best.llh) best = end;
  }
  return best;
}

interface FittedPixel extends Minimum {
  readonly pixel: number;
}

/** Lowest llh first; without failed fits. */
async function fitPixels(session: RecoSession, sky: SkyFrame, nside: number, pixels: readonly number[]): Promise<FittedPixel[]> {
  const directions = pixels.map((pixel) => {
    const { raRad, decRad } = ringToSky(nside, pixel);
    return sky.equaToDir(raRad, decRad);
  });
  const llhs = await session.fit(directions);
  return directions
    .map((direction, i) => ({ ...direction, pixel: pixels[i]!, llh: llhs[i]! }))
    .filter(({ llh }) => !Number.isNaN(llh))
    .sort((a, b) => a.llh - b.llh);
}

/** The direction that lies (north, east) radian from `from`; small steps, not at the zenith. */
export const shifted = ({ zenithRad, azimuthRad }: DetectorDirection, northRad: number, eastRad: number): DetectorDirection => ({
  zenithRad: zenithRad + northRad,
  azimuthRad: azimuthRad + eastRad / Math.sin(zenithRad),
});

async function descend(session: RecoSession, start: DetectorDirection): Promise<Minimum> {
  let best: Minimum = { ...start, llh: (await session.fit([start]))[0]! };
  for (let step = firstStepRad; step > lastStepRad;) {
    const around = Array.from({ length: 8 }, (_, i) =>
      shifted(best, step * Math.cos((i * Math.PI) / 4), step * Math.sin((i * Math.PI) / 4)),
    );
    const llhs = await session.fit(around);
    const lowest = llhs.reduce((at, llh, i) => (llh < (llhs[at] ?? Infinity) || Number.isNaN(llhs[at]) ? i : at), 0);
    if (llhs[lowest]! < best.llh - 1e-4) best = { ...around[lowest]!, llh: llhs[lowest]! };
    else step /= 2;
  }
  return best;
}

/**
 * How many standard deviations the truth lies from the minimum, along two uncorrelated axes, with the covariance that the llh itself
 * tells: a paraboloid fitted to a ring on which 2 dllh is about 2.3. Undefined where the llh is no bowl there.
 */
export async function pullsOf(
  session: RecoSession,
  minimum: Minimum,
  truth: DetectorDirection,
): Promise<readonly [number, number] | undefined> {
  let radius = 0.002;
  for (let tries = 0; tries < 12; tries++) {
    const angles = Array.from({ length: 16 }, (_, i) => (i * Math.PI) / 8);
    const llhs = await session.fit(angles.map((a) => shifted(minimum, radius * Math.cos(a), radius * Math.sin(a))));
    const rises = llhs.map((llh) => 2 * (llh - minimum.llh));
    const mean = rises.reduce((sum, rise) => sum + rise, 0) / rises.length;
    if (!(mean > 0)) radius *= 2;
    else if (mean < 1.5 || mean > 3.5) radius *= Math.min(2, Math.max(0.3, Math.sqrt(2.3 / mean)));
    else {
      // 2 dllh = r^2 (m + p cos 2a + q sin 2a): inverse covariance [[m + p, q], [q, m - p]].
      const p = (2 * rises.reduce((sum, rise, i) => sum + rise * Math.cos(2 * angles[i]!), 0)) / rises.length;
      const q = (2 * rises.reduce((sum, rise, i) => sum + rise * Math.sin(2 * angles[i]!), 0)) / rises.length;
      const [a, b, c] = [(mean + p) / radius ** 2, q / radius ** 2, (mean - p) / radius ** 2];
      if (!(a > 0 && a * c - b * b > 0)) return undefined;
      const turn = Math.atan2(Math.sin(truth.azimuthRad - minimum.azimuthRad), Math.cos(truth.azimuthRad - minimum.azimuthRad));
      const north = truth.zenithRad - minimum.zenithRad;
      const east = turn * Math.sin(minimum.zenithRad);
      // Cholesky's factor whitens: the squares of the two add up to the paraboloid's 2 dllh at the truth.
      return [Math.sqrt(a) * north + (b / Math.sqrt(a)) * east, Math.sqrt(c - (b * b) / a) * east];
    }
  }
  return undefined;
}
