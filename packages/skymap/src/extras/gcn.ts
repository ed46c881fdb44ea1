import { methodText, type Findings, type MeasuredContour } from "../regions/findings.ts";
import { utcOfMjd } from "./utc.ts";

const DEG = 180 / Math.PI;

/** Schema that the draft follows: GCN's IceCube single-neutrino alerts. */
export const gcnSchema = "https://gcn.nasa.gov/schema/v7.2.3/gcn/notices/icecube/single_neutrino_alerts.schema.json";

/**
 * The draft of a GCN notice, {@link gcnSchema}: an update with the direction of this scan. What a scan cannot know is not in it: pipeline, name of
 * the alert, neutrino energy, astrophysical probability, false alarm rate, addresses of files, time of sending, topology. `ra_dec_error` is the radius of the
 * circle around the best fit that the 90 % contour lies in.
 */
export function encodeGcnDraft({ metadata, best, contours, systematicIncluded }: Findings): string {
  return `${JSON.stringify(
    {
      $schema: gcnSchema,
      mission: "IceCube",
      messenger: "Neutrino",
      ...(metadata && { id: [`${metadata.runId}_${metadata.eventId}`], trigger_time: `${utcOfMjd(metadata.mjd) ?? ""}Z` }),
      alert_type: metadata?.isRealEvent === false ? "test" : "update",
      alert_tense: metadata?.isRealEvent === false ? "injection" : "current",
      number_of_events: 1,
      ra: Number((best.raRad * DEG).toFixed(4)),
      dec: Number((best.decRad * DEG).toFixed(4)),
      ra_dec_error: Number(contours[1].errors.largestDistanceDeg.toFixed(4)),
      containment_probability: 0.9,
      systematic_included: systematicIncluded,
    },
    null,
    4,
  )}\n`;
}

function sentence(findings: Findings): string {
  const { best, contours, facts } = findings;
  const [, ninety] = contours;
  const { errors } = ninety;
  const two = (value: number): string => value.toFixed(2);
  const ra = `RA: ${two(best.raRad * DEG)} (+${two(errors.raPlusDeg)} / -${two(errors.raMinusDeg)} deg, 90% containment) J2000`;
  const dec =
    `Dec: ${best.decRad < 0 ? "" : "+"}${two(best.decRad * DEG)} ` +
    `(+${two(errors.decPlusDeg)} / -${two(errors.decMinusDeg)} deg, 90% containment) J2000`;
  return [
    `${facts.preliminary ? "PRELIMINARY. " : ""}A scan of the sky with the reconstruction ${facts.reco.name} (${facts.reco.version}) gives the direction`,
    ra,
    dec,
    `The 90% contour encloses ${two(ninety.areaSqDeg)} square degrees. ${uncertainty(ninety)}`,
    `Errors of right ascension are in degrees of the coordinate, not multiplied by cos(dec).`,
  ].join("\n");
}

function uncertainty(contour: MeasuredContour): string {
  const how = `(2 delta llh = ${contour.level2DeltaLlh.toFixed(2)}, ${methodText(contour)})`;
  return contour.method === "wilks"
    ? `The uncertainties are statistical only ${how}.`
    : `The uncertainties include systematic ones ${how}.`;
}

/** The sentence on the direction for a GCN circular, to be checked by people: date and time, direction with its 90 % errors, and what they are. */
export function encodeCircularText(findings: Findings): string {
  const { metadata } = findings;
  const [date, time] = (metadata && utcOfMjd(metadata.mjd)?.split("T")) ?? [];
  const when = date === undefined || time === undefined ? "" : `Date: ${date}\nTime: ${time.slice(0, -4)} UT\n`;
  return `${when}${sentence(findings)}\n`;
}
