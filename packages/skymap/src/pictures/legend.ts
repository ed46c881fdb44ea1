import { skyDistance } from "@skyscan/healpix";
import type { BestFit } from "../regions/best-fit.ts";
import type { Contour } from "../regions/contours.ts";
import type { Cells } from "./cells.ts";
import { failedColour, ink, unscannedColour } from "./colours.ts";
import { contourDashes, star, symbol } from "./markers.ts";
import type { Marker } from "./picture-options.ts";
import { element, text } from "./svg.ts";

const DEG = 180 / Math.PI;

/** A row of the legend: a sign and lines of text beside it. */
export interface LegendEntry {
  /** Draws the sign around a point. */
  readonly sign: (x: number, y: number) => string;
  readonly lines: readonly string[];
}

/** What a legend is made of. */
export interface LegendContent {
  readonly best: BestFit | undefined;
  readonly contours: readonly Contour[];
  readonly markers: readonly Marker[];
  readonly cells: readonly Cells[];
  /** Whether there is no direction that was not scanned. */
  readonly wholeSky: boolean;
  /** Why a marker is not on the map, if it is not. */
  readonly remarkOf?: (marker: Marker) => string | undefined;
}

/** `RA 154.28°, dec +3.96°`, to the given number of decimals. */
function directionText({ raRad, decRad }: { raRad: number; decRad: number }, digits: number): string {
  const dec = decRad * DEG;
  const ra = Number((raRad * DEG).toFixed(digits)) % 360;
  return `RA ${ra.toFixed(digits)}°, dec ${dec < 0 ? "−" : "+"}${Math.abs(dec).toFixed(digits)}°`;
}

/** An area or a distance, to three digits. */
function short(value: number): string {
  return value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function box(fill: string): (x: number, y: number) => string {
  return (x, y) => element("rect", { x: x - 9, y: y - 6, width: 18, height: 12, fill, stroke: "#8a8a8a", "stroke-width": 0.8 });
}

/** The entries of a legend: best fit, contours, markers, what was not scanned, what failed, what was merged. */
export function legendEntries({ best, contours, markers, cells, wholeSky, remarkOf }: LegendContent): LegendEntry[] {
  const entries: LegendEntry[] = [];
  const sky = best === undefined ? undefined : { raRad: best.raRad, decRad: best.decRad };
  const digits = best === undefined || best.nside < 128 ? 2 : 3;
  if (best !== undefined) {
    entries.push({
      sign: (x, y) => star(x, y, 9),
      lines: ["best fit", directionText(best, digits), `llh ${best.llh.toFixed(2)} (nside ${best.nside})`],
    });
  }
  for (const contour of contours) {
    const level = Number(contour.level2DeltaLlh.toPrecision(3));
    entries.push({
      sign: (x, y) =>
        element("path", {
          d: `M${x - 13},${y}H${x + 13}`,
          stroke: ink,
          "stroke-width": 2,
          "stroke-dasharray": contourDashes(contour),
        }),
      lines: [`${100 * contour.containment} % contour, 2Δllh ${level}`, `${short(contour.areaSqDeg)} sq deg`],
    });
  }
  for (const [k, marker] of markers.entries()) {
    const off = sky === undefined ? [] : [`${short(skyDistance(marker, sky) * DEG)}° from the best fit`];
    const remark = remarkOf?.(marker);
    entries.push({
      sign: (x, y) => symbol(k, x, y, 6.5),
      lines: [marker.label, directionText(marker, digits), ...off, ...(remark === undefined ? [] : [remark])],
    });
  }
  if (!wholeSky) entries.push({ sign: box(unscannedColour), lines: ["not scanned"] });
  const failed = cells.reduce((sum, { values }) => sum + values.filter(Number.isNaN).length, 0);
  if (failed > 0) {
    const hatched = (x: number, y: number): string => box(failedColour)(x, y) + box("url(#failed)")(x, y);
    entries.push({ sign: hatched, lines: [failed === 1 ? "fit failed (1 pixel)" : `fit failed (${failed} pixels)`] });
  }
  return entries;
}

/** Notes that have no sign: how the contours came about, which nsides were merged. */
export function notes(contours: readonly Contour[], cells: readonly Cells[]): string[] {
  const method = contours[0]?.method;
  return [
    ...(method === "wilks" ? ["2Δllh, Wilks 50/90 %, statistical only, uncalibrated"] : []),
    ...(method === "calibrated" ? ["2Δllh, 50/90 % levels calibrated on simulations of the reco"] : []),
    ...cells
      .filter(({ nside, fromNside }) => nside !== fromNside)
      .map(({ nside, fromNside }) => `nside ${fromNside} is drawn at nside ${nside}: the lowest llh in each of its pixels`),
  ];
}

const LINE_PX = 18;

/** Height of an entry with the gap after it. */
export function entryHeight(entry: LegendEntry): number {
  return LINE_PX * entry.lines.length + 8;
}

/** An entry with its upper left corner at (x, y). */
export function drawEntry({ sign, lines }: LegendEntry, x: number, y: number): string {
  const written = lines.map((line, k) =>
    text(x + 36, y + 14 + k * LINE_PX, line, k === 0 ? { bold: true } : { size: 13, fill: "#404040" }),
  );
  return sign(x + 14, y + 9) + written.join("");
}
