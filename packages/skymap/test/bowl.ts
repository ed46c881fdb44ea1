import { ringToSky } from "@skyscan/healpix";
import { createSkymap } from "../src/index.ts";
import type { Skymap } from "../src/index.ts";
import { level } from "./sample.ts";

export const DEG: number = 180 / Math.PI;

/** All pixels of an nside, llh growing with the distance from a direction. */
export function bowl(nside: number, raDeg: number, decDeg: number): Skymap {
  const pixels = Array.from({ length: 12 * nside ** 2 }, (_, k) => k);
  const [ra, dec] = [raDeg / DEG, decDeg / DEG];
  const llh = pixels.map((pixel) => {
    const { raRad, decRad } = ringToSky(nside, pixel);
    return 1000 - 50 * (Math.sin(dec) * Math.sin(decRad) + Math.cos(dec) * Math.cos(decRad) * Math.cos(ra - raRad));
  });
  return createSkymap([level(nside, pixels, llh)]);
}
