import { bestFit, type BestFit } from "./best-fit.ts";
import { contourLevelsOf, contoursOf, type Contour } from "./contours.ts";
import type { DecConvention } from "./direction.ts";
import { SkymapError } from "../result/errors.ts";
import type { LevelMetadata } from "../result/metadata.ts";
import { positionErrorsOf, type PositionErrors } from "./position-errors.ts";
import { probabilityOf, type ProbabilityMap } from "./probability.ts";
import { regionOf, type Region } from "./region.ts";
import { coverOf } from "./sky-cover.ts";
import { eventMetadataOf, type Skymap } from "../result/skymap.ts";

/** What a result does not say of itself. Plain data. */
export interface ResultFacts {
  /** `run%08d.evt%012d.TYPE`; the beginning of the files' names. */
  readonly eventName: string;
  readonly scanId: string;
  readonly reco: {
    readonly name: string;
    readonly version: string;
    /** What the reco was run with; JSON. */
    readonly options: Readonly<Record<string, unknown>>;
  };
  /** 2 delta llh of the 50 % and the 90 % contour as the reco's manifest declares them from simulations; null: Wilks' theorem. */
  readonly calibratedLevels: { readonly "50": number; readonly "90": number } | null;
  /** Version of the program that writes. */
  readonly creatorVersion: string;
  /** Whether the numbers may still change, or nobody has looked at them: the texts say PRELIMINARY. */
  readonly preliminary: boolean;
  /** Standard deviation, in degrees, of a Gaussian that the probability is convolved with; contours are not. */
  readonly angularErrorFloorDeg?: number;
  /** Nside of the flat maps; default the finest of the result, at most 512. */
  readonly flatNside?: number;
  /** Needed for results without header. */
  readonly decConvention?: DecConvention;
}

/** A contour and how far it reaches. */
export interface MeasuredContour extends Contour {
  readonly errors: PositionErrors;
}

/** What a result says about where the event came from. */
export interface Findings {
  readonly facts: ResultFacts;
  readonly metadata: LevelMetadata | undefined;
  readonly nsides: readonly number[];
  readonly best: BestFit;
  readonly map: ProbabilityMap;
  readonly contours: readonly [fifty: MeasuredContour, ninety: MeasuredContour];
  /** Of the probability: the smallest areas that hold 50 % and 90 %. */
  readonly regions: readonly [fifty: Region, ninety: Region];
  /** Whether the contours include systematic uncertainties: only calibrated ones do. Those of the probability never are. */
  readonly systematicIncluded: boolean;
}

/**
 * Everything the extra files tell.
 * @throws SkymapError `empty` when no pixel has a number; `convention`; `invalid` for levels, a floor or a flat nside that cannot be
 */
export function findingsOf(skymap: Skymap, facts: ResultFacts): Findings {
  checkFacts(facts);
  const best = bestFit(skymap, facts.decConvention);
  if (best === undefined) throw new SkymapError("empty", `the result of ${facts.eventName} has no pixel with a fit`);
  const map = probabilityOf(coverOf(skymap, facts.decConvention), facts.angularErrorFloorDeg);
  const measured = contoursOf(skymap, contourLevelsOf(facts.calibratedLevels), facts.decConvention).map((contour) => ({
    ...contour,
    errors: positionErrorsOf(contour, best),
  }));
  return {
    facts,
    metadata: eventMetadataOf(skymap),
    nsides: skymap.levels.map((level) => level.nside).sort((a, b) => a - b),
    best,
    map,
    contours: [measured[0]!, measured[1]!],
    regions: [regionOf(map, 0.5), regionOf(map, 0.9)],
    systematicIncluded: facts.calibratedLevels !== null,
  };
}

function checkFacts({ calibratedLevels, angularErrorFloorDeg, flatNside }: ResultFacts): void {
  if (calibratedLevels !== null) {
    const { "50": low, "90": high } = calibratedLevels;
    if (!(low > 0 && high > low && Number.isFinite(high)))
      throw new SkymapError(
        "invalid",
        `calibrated levels ${low} and ${high}: they must be numbers with 0 < level of 50 % < level of 90 %`,
      );
  }
  if (angularErrorFloorDeg !== undefined && !(angularErrorFloorDeg >= 0 && angularErrorFloorDeg <= 30))
    throw new SkymapError("invalid", `angular error floor ${angularErrorFloorDeg} deg: from 0 to 30 is possible`);
  if (flatNside !== undefined && !(Number.isInteger(Math.log2(flatNside)) && flatNside >= 1 && flatNside <= 2048))
    throw new SkymapError("invalid", `flat nside ${flatNside}: a power of two from 1 to 2048 is possible`);
}

/** `"wilks"` or `"calibrated"` in words. */
export function methodText(contour: Contour): string {
  return contour.method === "wilks"
    ? "Wilks' theorem, 2 degrees of freedom: statistical only"
    : "levels calibrated on simulations: systematic uncertainties included";
}
