import type { FitsCard } from "./fits-header.ts";
import { encodeFitsTable } from "./fits-table.ts";
import { methodText, type Findings, type MeasuredContour } from "../regions/findings.ts";
import type { FlatMap } from "./flat-map.ts";
import { nestToUniq, pixelArea, uniqToNest } from "@skyscan/healpix";
import { utcOfMjd } from "./utc.ts";

const DEG = 180 / Math.PI;
const degrees = (value: number): { readonly float: number } => ({ float: Number(value.toFixed(6)) });

function errorCards({ containment, errors }: MeasuredContour): FitsCard[] {
  const percent = containment * 100;
  const comment = `[deg] ${percent} % contour`;
  return [
    [`RA_ERR_PLUS_${percent}`, degrees(errors.raPlusDeg), comment],
    [`RA_ERR_MINUS_${percent}`, degrees(errors.raMinusDeg), comment],
    [`DEC_ERR_PLUS_${percent}`, degrees(errors.decPlusDeg), comment],
    [`DEC_ERR_MINUS_${percent}`, degrees(errors.decMinusDeg), comment],
  ];
}

/** What all FITS files say about event, scan and result. RA_ERR is in degrees of right ascension, without cos(dec). */
function resultCards({ facts, metadata, best, contours, regions, systematicIncluded }: Findings): FitsCard[] {
  const simulated = metadata?.isRealEvent === false ? "simulated event, time without meaning" : undefined;
  return [
    ["RUNID", metadata?.runId, "run of the detector"],
    ["EVENTID", metadata?.eventId, "event in the run"],
    ["SENDER", "IceCube Collaboration"],
    ["I3TYPE", metadata?.eventType, "type of the event"],
    ["PRELIM", facts.preliminary, "preliminary result"],
    ["RA", degrees(best.raRad * DEG), "[deg] best fit, centre of its pixel"],
    ["DEC", degrees(best.decRad * DEG), "[deg] best fit, centre of its pixel"],
    ...contours.flatMap(errorCards),
    ...contours.flatMap((contour): FitsCard[] => [
      [`CONTOUR_AREA_${contour.containment * 100}`, degrees(contour.areaSqDeg), "[deg2] inside the contour"],
      [`CONTOUR_2DLLH_${contour.containment * 100}`, degrees(contour.level2DeltaLlh), "level of the contour"],
    ]),
    ...regions.map((region): FitsCard => [
      `REGION_AREA_${region.containment * 100}`,
      degrees(region.areaSqDeg),
      "[deg2] smallest with the probability",
    ]),
    ["CNTRMETH", contours[1].method, methodText(contours[1])],
    ["SYSINCL", systematicIncluded, "contours include systematic uncertainties"],
    ["ERRFLOOR", facts.angularErrorFloorDeg && { float: facts.angularErrorFloorDeg }, "[deg] Gaussian in the probability"],
    ["DATE-OBS", metadata && utcOfMjd(metadata.mjd), simulated ?? "UTC time of the event"],
    ["MJD-OBS", metadata && { float: metadata.mjd }, simulated ?? "modified Julian date of the event"],
    ["TIMESYS", "UTC"],
    ["RADESYS", "ICRS"],
    ["EQUINOX", { float: 2000 }],
    ["CREATOR", `Skyscan ${facts.creatorVersion}`],
    ["RECO", facts.reco.name, "reconstruction algorithm"],
    ["RECOVERS", facts.reco.version, "its version"],
    ["RECOOPTS", JSON.stringify(facts.reco.options)],
    ["SCANID", facts.scanId],
  ];
}

const healpix: readonly FitsCard[] = [
  ["PIXTYPE", "HEALPIX", "HEALPix pixels"],
  ["COORDSYS", "C", "celestial, equatorial"],
];

/** `….skymap_nside_<n>_probability.fits.gz` or `…_llh.fits.gz`, before compression. */
export function encodeFlatMap(findings: Findings, flat: FlatMap, kind: "probability" | "llh"): Uint8Array {
  const column =
    kind === "probability"
      ? ({ name: "PROB", type: "float64", unit: "pix-1", values: flat.probability } as const)
      : ({ name: "2DLLH", type: "float64", values: flat.twoDeltaLlh } as const);
  return encodeFitsTable(
    [column],
    [
      ...healpix,
      ["ORDERING", "RING"],
      ["NSIDE", flat.nside],
      ["FIRSTPIX", 0],
      ["LASTPIX", 12 * flat.nside ** 2 - 1],
      ["INDXSCHM", "IMPLICIT"],
      ["OBJECT", "FULLSKY"],
      ...resultCards(findings),
    ],
  );
}

/** `….multiorder.fits.gz`, before compression: a multi-order map as the IVOA has it, UNIQ ascending. */
export function encodeMultiOrderMap(findings: Findings): Uint8Array {
  const { map } = findings;
  const densities = map.probability.map((probability, cell) => probability / pixelArea(map.nside[cell]!));
  return encodeFitsTable(
    [
      { name: "UNIQ", type: "int64", values: map.nside.map((nside, cell) => nestToUniq(nside, map.pixel[cell]!)) },
      { name: "PROBDENSITY", type: "float64", unit: "sr-1", values: densities },
      { name: "2DLLH", type: "float64", values: map.twoDeltaLlh },
    ],
    [
      ...healpix,
      ["ORDERING", "NUNIQ"],
      ["MOCORDER", Math.log2(map.nside.at(-1)!), "order of the finest pixels"],
      ["INDXSCHM", "EXPLICIT"],
      ["OBJECT", "FULLSKY"],
      ...resultCards(findings),
    ],
  );
}

/** Cards that mean something else in a MOC: there TIMESYS may only be TCB (IVOA MOC 2.0, section 4.3.1). */
const notInMocs: ReadonlySet<string> = new Set(["TIMESYS", "DATE-OBS", "MJD-OBS"]);

/** A region as a MOC in FITS (IVOA MOC 2.0, section 4.3.1). */
export function encodeMoc(findings: Findings, moc: Float64Array, containment: 0.5 | 0.9): Uint8Array {
  const order = Math.log2(uniqToNest(moc.at(-1)!).nside);
  return encodeFitsTable(
    [{ name: "UNIQ", type: "int64", values: moc }],
    [
      ...healpix,
      ["MOCVERS", "2.0"],
      ["MOCDIM", "SPACE"],
      ["ORDERING", "NUNIQ"],
      ["MOCORDER", order],
      ["MOCORD_S", order],
      ["MOCTOOL", `Skyscan ${findings.facts.creatorVersion}`],
      ["CONTAIN", { float: containment }, "probability in this region, at least"],
      ...resultCards(findings).filter(([keyword]) => !notInMocs.has(keyword)),
    ],
  );
}
