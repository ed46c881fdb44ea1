import { pixelArea, skyDistance, nestToSky, wrapAngle } from "@skyscan/healpix";
import { contours as marchingSquares } from "d3-contour";
import { bestFit } from "./best-fit.ts";
import { decConventionOf, type DecConvention } from "./direction.ts";
import { SkymapError } from "../result/errors.ts";
import { llhFieldOf } from "./llh-field.ts";
import { coverOf } from "./sky-cover.ts";
import type { Skymap } from "../result/skymap.ts";
import { tangentPlane } from "./tangent-plane.ts";

/** Where levels come from: Wilks' theorem, or simulations of the reco in question. */
export type ContourMethod = "wilks" | "calibrated";

/** 2 delta llh above the minimum of the 50 % and the 90 % contour. */
export interface ContourLevels {
  readonly method: ContourMethod;
  readonly level50: number;
  readonly level90: number;
}

/**
 * Wilks' theorem for two free parameters, -2 ln(1 - containment): 1.386 and 4.605. Statistical only, and right only as far as the likelihood is.
 */
export const wilksLevels: ContourLevels = { method: "wilks", level50: 2 * Math.LN2, level90: 2 * Math.LN10 };

/**
 * The levels of a reco that was calibrated on simulations, 50 % and 90 % (22.2 and 64.2 for millipede_original); null: {@link wilksLevels}.
 */
export function contourLevelsOf(calibrated: { readonly "50": number; readonly "90": number } | null): ContourLevels {
  return calibrated === null ? wilksLevels : { method: "calibrated", level50: calibrated["50"], level90: calibrated["90"] };
}

/** Directions with a certain 2 delta llh above the minimum. */
export interface Contour {
  readonly level2DeltaLlh: number;
  readonly containment: 0.5 | 0.9;
  readonly method: ContourMethod;
  /** Closed polylines (last point = first). Islands and holes are rings of their own: what an odd number of rings is around is inside. */
  readonly rings: readonly (readonly (readonly [raRad: number, decRad: number])[])[];
  /** Solid angle inside, in square degrees. */
  readonly areaSqDeg: number;
}

/** Points along each side of the grid, at least and at most. */
const MIN_POINTS = 96;
const MAX_POINTS = 384;
const POINTS_PER_PIXEL = 4;
const SQ_DEG = (180 / Math.PI) ** 2;

/**
 * The 50 % and the 90 % contour of the llh, interpolated between pixel centres, on an equal-area plane that touches the sky at the best fit.
 * The plane grows until the contour closes on it, up to the whole sky; sky that was not fitted is outside.
 * @param decConvention needed for results without metadata
 * @throws SkymapError `convention`; `empty` when no pixel has a number
 */
export function contoursOf(skymap: Skymap, levels: ContourLevels, decConvention?: DecConvention): readonly Contour[] {
  const convention = decConventionOf(skymap, decConvention);
  const best = bestFit(skymap, convention);
  if (best === undefined) throw new SkymapError("empty", "no pixel of the result has a fit: it has no contours");
  const cover = coverOf(skymap, convention);
  const field = llhFieldOf(skymap, convention);
  const plane = tangentPlane(best);

  const contourAt = (level: number, containment: 0.5 | 0.9): Contour => {
    // How far there are pixels below the level, and how wide the narrowest of them is.
    let reach = 0;
    let width = Infinity;
    for (let cell = 0; cell < cover.pixel.length; cell++) {
      if (cover.twoDeltaLlh[cell]! > level) continue;
      const nside = cover.nside[cell]!;
      const cellWidth = Math.sqrt(pixelArea(nside));
      width = Math.min(width, cellWidth);
      reach = Math.max(reach, skyDistance(best, nestToSky(nside, cover.pixel[cell]!)) + 2 * cellWidth);
    }
    for (let half = plane.radius(Math.min(reach, Math.PI)); ; half = Math.min(2, half * 1.4)) {
      const points = Math.ceil(Math.min(MAX_POINTS, Math.max(MIN_POINTS, (POINTS_PER_PIXEL * 2 * half) / width)));
      const step = (2 * half) / points;
      const at = (k: number): number => (k + 0.5) * step - half;
      const depth = new Float64Array(points * points).fill(-Infinity);
      let closed = true;
      for (let row = 0; row < points; row++) {
        for (let column = 0; column < points; column++) {
          const sky = plane.toSky(at(column), at(row));
          if (sky === undefined) continue;
          const llh = field.interpolated(sky.raRad, sky.decRad);
          if (Number.isNaN(llh)) continue;
          const value = 2 * (best.llh - llh);
          depth[row * points + column] = value;
          const onBorder = row === 0 || column === 0 || row === points - 1 || column === points - 1;
          if (onBorder && value >= -level) closed = false;
        }
      }
      if (!closed && half < 2) continue;
      const { coordinates } = marchingSquares()
        .size([points, points])
        .contour(depth as unknown as number[], -level);
      let area = 0;
      const rings = coordinates.flat().map((ring) => {
        const plan = ring.map((point): [number, number] => [at(point[0]! - 0.5), at(point[1]! - 0.5)]);
        area += signedArea(plan);
        return plan.map(([x, y]): readonly [number, number] => {
          const { raRad, decRad } = plane.toSky(x, y) ?? plane.antipode;
          return [wrapAngle(raRad), decRad];
        });
      });
      return { level2DeltaLlh: level, containment, method: levels.method, rings, areaSqDeg: Math.abs(area) * SQ_DEG };
    }
  };
  return [contourAt(levels.level50, 0.5), contourAt(levels.level90, 0.9)];
}

/** Area of a closed polygon; rings of holes run the other way round and count negative. */
function signedArea(ring: readonly (readonly [number, number])[]): number {
  let twice = 0;
  for (let k = 1; k < ring.length; k++) twice += ring[k - 1]![0] * ring[k]![1] - ring[k]![0] * ring[k - 1]![1];
  return twice / 2;
}
