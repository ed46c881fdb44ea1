import { pixelArea } from "@skyscan/healpix";
import { methodText, type Findings } from "../regions/findings.ts";
import { utcOfMjd } from "./utc.ts";

const DEG = 180 / Math.PI;
const rounded = (value: number): number => Number(value.toPrecision(9));

/** The numbers of a result in one JSON object: for scripts and web pages. Every area says how it came about. */
export function encodeSummary(findings: Findings): string {
  const { facts, metadata, nsides, best, contours, regions, systematicIncluded } = findings;
  const floor = facts.angularErrorFloorDeg;
  return `${JSON.stringify(
    {
      preliminary: facts.preliminary,
      event: {
        name: facts.eventName,
        ...(metadata && {
          run_id: metadata.runId,
          event_id: metadata.eventId,
          event_type: metadata.eventType,
          mjd: metadata.mjd,
          utc: utcOfMjd(metadata.mjd),
          is_real_event: metadata.isRealEvent,
        }),
      },
      scan: { id: facts.scanId, reco: facts.reco, creator: `Skyscan ${facts.creatorVersion}`, nsides },
      best_fit: {
        frame: "ICRS",
        ra_deg: rounded(best.raRad * DEG),
        dec_deg: rounded(best.decRad * DEG),
        llh: best.llh,
        nside: best.nside,
        pixel_ring: best.pixel,
        pixel_width_deg: rounded(Math.sqrt(pixelArea(best.nside)) * DEG),
      },
      contours: contours.map(({ containment, level2DeltaLlh, method, areaSqDeg, rings, errors }, k) => ({
        containment,
        two_delta_llh: rounded(level2DeltaLlh),
        method,
        method_text: methodText(contours[k]!),
        systematic_included: systematicIncluded,
        area_sq_deg: rounded(areaSqDeg),
        rings: rings.length,
        ra_err_plus_deg: rounded(errors.raPlusDeg),
        ra_err_minus_deg: rounded(errors.raMinusDeg),
        dec_err_plus_deg: rounded(errors.decPlusDeg),
        dec_err_minus_deg: rounded(errors.decMinusDeg),
        largest_distance_deg: rounded(errors.largestDistanceDeg),
      })),
      regions: regions.map(({ containment, probability, areaSqDeg }) => ({
        containment,
        method: "smallest area that holds the probability",
        systematic_included: false,
        area_sq_deg: rounded(areaSqDeg),
        probability: rounded(probability),
      })),
      probability: {
        method: "normalised exp(-(llh - lowest llh)) per solid angle",
        angular_error_floor_deg: floor ?? null,
        systematic_included: false,
      },
      notes: ["Errors of right ascension are degrees of the coordinate, not multiplied by cos(dec)."],
    },
    null,
    4,
  )}\n`;
}
