import type { SkyDirection } from "@skyscan/healpix";
import { skyDistance } from "@skyscan/healpix";
import type { Contour } from "./contours.ts";

/**
 * How far a contour reaches from the best fit on each side: the rectangle around all of its rings. Degrees of the coordinate, all positive;
 * those of right ascension are *not* multiplied by cos(dec).
 */
export interface PositionErrors {
  readonly raPlusDeg: number;
  readonly raMinusDeg: number;
  readonly decPlusDeg: number;
  readonly decMinusDeg: number;
  /** Largest angle on the sky between the best fit and the contour. */
  readonly largestDistanceDeg: number;
}

const DEG = 180 / Math.PI;
const turn = (angleRad: number): number => angleRad - 2 * Math.PI * Math.round(angleRad / (2 * Math.PI));

/** {@link PositionErrors} of a contour. One that runs around a pole leaves right ascension open (180 deg each) and reaches the pole. */
export function positionErrorsOf(contour: Contour, best: SkyDirection): PositionErrors {
  let raPlus = 0;
  let raMinus = 0;
  let decMax = best.decRad;
  let decMin = best.decRad;
  let largest = 0;
  for (const ring of contour.rings) {
    let around = 0;
    ring.forEach(([raRad, decRad], k) => {
      if (k > 0) around += turn(raRad - ring[k - 1]![0]);
      const offset = turn(raRad - best.raRad);
      raPlus = Math.max(raPlus, offset);
      raMinus = Math.max(raMinus, -offset);
      decMax = Math.max(decMax, decRad);
      decMin = Math.min(decMin, decRad);
      largest = Math.max(largest, skyDistance(best, { raRad, decRad }));
    });
    if (Math.abs(around) < Math.PI) continue;
    raPlus = raMinus = Math.PI;
    if (best.decRad >= 0) decMax = Math.PI / 2;
    else decMin = -Math.PI / 2;
  }
  return {
    raPlusDeg: raPlus * DEG,
    raMinusDeg: raMinus * DEG,
    decPlusDeg: (decMax - best.decRad) * DEG,
    decMinusDeg: (best.decRad - decMin) * DEG,
    largestDistanceDeg: largest * DEG,
  };
}
