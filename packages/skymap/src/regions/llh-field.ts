import { ringToAngInto, angToRing, wrapAngle } from "@skyscan/healpix";
import type { DecConvention } from "./direction.ts";
import { createRingWeights, ringWeightsInto } from "./ring-interpolation.ts";
import type { Skymap } from "../result/skymap.ts";

/** llh as a function of direction, made once for many questions. */
export interface LlhField {
  /** llh of the finest fitted pixel that holds a direction; NaN where there is none. */
  readonly nearest: (raRad: number, decRad: number) => number;
  /**
   * llh between the centres of the four pixels around a direction, at the nside of the finest fitted pixel that holds it. Where a
   * neighbour was not fitted at that nside its centre's {@link nearest} takes its place. NaN where no fitted pixel holds the direction.
   */
  readonly interpolated: (raRad: number, decRad: number) => number;
}

interface FieldLevel {
  readonly nside: number;
  readonly llh: ReadonlyMap<number, number>;
}

/** The field of a result whose declinations are meant as `convention` says. Failed fits (NaN) are passed over. */
export function llhFieldOf(skymap: Skymap, convention: DecConvention): LlhField {
  const levels = skymap.levels
    .map(({ nside, columns: { index, llh } }): FieldLevel => {
      const values = new Map<number, number>();
      for (let row = 0; row < index.length; row++) if (Number.isFinite(llh[row]!)) values.set(index[row]!, llh[row]!);
      return { nside, llh: values };
    })
    .sort((a, b) => b.nside - a.nside);
  const weights = createRingWeights();
  const ang = new Float64Array(2);

  const find = (thetaRad: number, phiRad: number): { readonly level: FieldLevel; readonly llh: number } | undefined => {
    for (const level of levels) {
      const llh = level.llh.get(angToRing(level.nside, thetaRad, phiRad));
      if (llh !== undefined) return { level, llh };
    }
    return undefined;
  };
  const theta = (decRad: number): number =>
    Math.min(Math.PI, Math.max(0, convention === "new" ? Math.PI / 2 - decRad : Math.PI / 2 + decRad));

  return {
    nearest: (raRad, decRad) => find(theta(decRad), wrapAngle(raRad))?.llh ?? NaN,
    interpolated: (raRad, decRad) => {
      const thetaRad = theta(decRad);
      const phiRad = wrapAngle(raRad);
      const level = find(thetaRad, phiRad)?.level;
      if (level === undefined) return NaN;
      ringWeightsInto(level.nside, thetaRad, phiRad, weights);
      let sum = 0;
      let total = 0;
      for (let k = 0; k < 4; k++) {
        const pixel = weights.pixels[k]!;
        const llh = level.llh.get(pixel) ?? atCentre(level.nside, pixel);
        if (llh === undefined) continue;
        sum += weights.weights[k]! * llh;
        total += weights.weights[k]!;
      }
      // The pixel that holds the direction is one of the four but for rounding at edges of faces.
      return total > 0 ? sum / total : NaN;
    },
  };

  function atCentre(nside: number, pixel: number): number | undefined {
    ringToAngInto(nside, pixel, ang);
    return find(ang[0]!, ang[1]!)?.llh;
  }
}
