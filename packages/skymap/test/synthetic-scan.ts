import {
  angularDistance,
  pixelCount,
  ringChildren,
  ringDisc,
  ringToAng,
  skyToDirection,
  type SkyDirection,
} from "@skyscan/healpix";
import { createSkymap, type LevelInput, type Skymap } from "../src/index.ts";
import { level } from "./sample.ts";

/** Settings of {@link syntheticScan}. */
export interface SyntheticScan {
  readonly truth: SkyDirection;
  /** Standard deviation in radian. */
  readonly sigmaRad: number;
  readonly nsides?: readonly number[];
  /** What was refined around the truth, in standard deviations: children of the coarser pixels whose centres are so close. */
  readonly reach?: number;
}

/** A scan whose llh is 1000 + d^2 / (2 sigma^2), d the distance of the pixel's centre to the truth: the probability is a Gaussian. */
export function syntheticScan({ truth, sigmaRad, nsides = [8, 64, 512], reach = 6 }: SyntheticScan): Skymap {
  const middle = skyToDirection(truth);
  const llhAt = (nside: number, pixel: number): number => {
    const { thetaRad, phiRad } = ringToAng(nside, pixel);
    return 1000 + angularDistance(thetaRad, phiRad, middle.thetaRad, middle.phiRad) ** 2 / (2 * sigmaRad ** 2);
  };
  return createSkymap(
    nsides.map((nside, k): LevelInput => {
      const coarser = nsides[k - 1];
      const width = coarser === undefined ? 0 : Math.sqrt((4 * Math.PI) / pixelCount(coarser));
      const pixels =
        coarser === undefined
          ? Array.from({ length: pixelCount(nside) }, (_, pixel) => pixel)
          : ringDisc(coarser, middle.thetaRad, middle.phiRad, reach * sigmaRad + width).flatMap((pixel) =>
              ringChildren(coarser, pixel, nside),
            );
      return level(
        nside,
        pixels,
        pixels.map((pixel) => llhAt(nside, pixel)),
      );
    }),
  );
}
