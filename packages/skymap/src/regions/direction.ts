import { ringToAng, skyToRing, type SkyDirection } from "@skyscan/healpix";
import { SkymapError } from "../result/errors.ts";
import { eventMetadataOf, type Skymap } from "../result/skymap.ts";

/**
 * How pixels of a result stand to declination: `new` (Skymap Scanner v3.8 and later, and everything written here) dec = pi/2 - theta;
 * `old` (before) dec = theta - pi/2, mirrored.
 */
export type DecConvention = "old" | "new";

/**
 * The convention that holds for a result: the one given, else `new` when it has metadata.
 * @throws SkymapError `convention` for a result without metadata: such files are as a rule from before v3.8, and mirrored
 */
export function decConventionOf(skymap: Skymap, given?: DecConvention): DecConvention {
  if (given !== undefined) return given;
  if (eventMetadataOf(skymap) !== undefined) return "new";
  throw new SkymapError(
    "convention",
    "this result has no header, so its declinations may be mirrored (Skymap Scanner before v3.8 used dec = theta - pi/2): " +
      'say which declination convention it has, "old" (before v3.8) or "new"',
  );
}

/** Centre of a RING pixel on the sky under a convention. */
export function pixelDirection(nside: number, pixel: number, convention: DecConvention): SkyDirection {
  const { thetaRad, phiRad } = ringToAng(nside, pixel);
  return { raRad: phiRad, decRad: convention === "new" ? Math.PI / 2 - thetaRad : thetaRad - Math.PI / 2 };
}

/** RING pixel that holds a sky direction under a convention. */
export function pixelAt(nside: number, { raRad, decRad }: SkyDirection, convention: DecConvention): number {
  return skyToRing(nside, raRad, convention === "new" ? decRad : -decRad);
}
