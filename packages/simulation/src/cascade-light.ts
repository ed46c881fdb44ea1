import { speedOfLightMPerNs, type Position } from "@skyscan/icecube";
import { groupIndex, iceByName, type Ice } from "./ice.ts";
import { orientationM, type LightAtModule } from "./light.ts";
import { cosCherenkov } from "./track-light.ts";

/** A particle shower that is small beside the distances of modules: where and when it is, and the unit vector it goes along. */
export interface Cascade {
  readonly vertex: Position;
  readonly timeNs: number;
  readonly direction: readonly [x: number, y: number, z: number];
}

/**
 * Light of an electromagnetic shower into the direction at the cosine `cosTheta` to its axis, relative to the mean over all directions: peaked at the
 * Cherenkov angle, with a tail all around (Raedel & Wiebusch, arXiv:1210.5140, electrons).
 */
export const cascadeEmission = (cosTheta: number): number => unnormalised(cosTheta) / mean;

const unnormalised = (cosTheta: number): number =>
  4.27033 * Math.exp(-6.02527 * Math.abs(cosTheta - cosCherenkov) ** 0.29887) - 0.00103;

/** Midpoints in s on both sides of the peak, cos = peak -+ s^4, which takes out its cusp. */
const mean: number = [1 + cosCherenkov, 1 - cosCherenkov]
  .map((width, side) => {
    const steps = 2000;
    const stepS = width ** 0.25 / steps;
    let sum = 0;
    for (let i = 0; i < steps; i++) {
      const s = (i + 0.5) * stepS;
      sum += unnormalised(cosCherenkov + (side === 0 ? -1 : 1) * s ** 4) * 4 * s ** 3 * stepS;
    }
    return sum / 2;
  })
  .reduce((a, b) => a + b);

/**
 * When, how scattered and how bright the light of a cascade comes to a module: the Pandel function of the straight distance, in the
 * same ice as a track's. Light that was not yet scattered away, exp(-distance/lambda) of it, still has the shower's directions; the
 * rest has forgotten them and goes all around.
 */
export function lightOfCascade(cascade: Cascade, module: Position, ice: Ice = iceByName("model")): LightAtModule {
  const [dx, dy, dz] = cascade.direction;
  const x = module.xM - cascade.vertex.xM;
  const y = module.yM - cascade.vertex.yM;
  const z = module.zM - cascade.vertex.zM;
  const distanceM = Math.sqrt(x * x + y * y + z * z);
  const cosEta = distanceM > 0 ? z / distanceM : 0;
  const cosTheta = distanceM > 0 ? (x * dx + y * dy + z * dz) / distanceM : 1;
  const effectiveM = orientationM(cosEta) + distanceM;
  const directed = Math.exp(-distanceM / ice.scatteringM);
  return {
    distanceM,
    geometricNs: cascade.timeNs + (distanceM * groupIndex) / speedOfLightMPerNs,
    cosEta,
    effectiveM,
    shape: effectiveM / ice.scatteringM,
    emission: directed * cascadeEmission(cosTheta) + (1 - directed),
  };
}
