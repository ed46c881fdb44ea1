import { skyDistance } from "@skyscan/healpix";
import { bestFit, type BestFit } from "../regions/best-fit.ts";
import type { Contour } from "../regions/contours.ts";
import { decConventionOf, pixelDirection } from "../regions/direction.ts";
import { SkymapError } from "../result/errors.ts";
import type { Skymap } from "../result/skymap.ts";
import { cellsOf, coversSky, pixelWidthRad } from "./cells.ts";
import { verticalColourBar } from "./colour-bar.ts";
import { unscannedColour } from "./colours.ts";
import { drawEntry, entryHeight, legendEntries, notes } from "./legend.ts";
import { drawContour, star, symbol } from "./markers.ts";
import { drawCells, failedPattern } from "./outlines.ts";
import { isPreliminary, titleLinesOf, type Marker, type PictureOptions } from "./picture-options.ts";
import { zoomedProjection } from "./projection.ts";
import { colourScale } from "./scale.ts";
import { element, svgDocument, text } from "./svg.ts";
import { drawPreliminary, drawTitle } from "./title.ts";
import { isInside, zoomedGrid } from "./zoomed-grid.ts";

/** Settings of {@link drawZoomed}. */
export interface ZoomedOptions extends PictureOptions {
  /** From the best fit to each side of the picture, radian, up to 1; default: contours and near markers are on it. */
  readonly radiusRad?: number;
}

const MAP = { x: 92, y: 104, side: 640 } as const;
const WIDTH = 1140;
const DEG = 180 / Math.PI;
const MAX_RADIUS_RAD = 1;
/** The colours end at this many times the outermost contour, so that the region of interest has most of them. */
const LEVELS_SHOWN = 12;
/** Without contours: 90 % by Wilks, times the above. */
const DEFAULT_CAP = 55;

/**
 * The sky around the best fit as SVG, equal-area, in what else is on it as {@link drawFullSky}. Its colours end where the outermost contour is far
 * below. Markers that are off the map are said so in the legend.
 * @throws SkymapError `convention`; `empty` when no pixel has a number: there is nothing to zoom in on
 */
export function drawZoomed(skymap: Skymap, options: ZoomedOptions = {}): string {
  const convention = decConventionOf(skymap, options.decConvention);
  const best = bestFit(skymap, convention);
  if (best === undefined) throw new SkymapError("empty", "no fit succeeded: there is no best fit to draw the surroundings of");
  const contours = options.contours ?? [];
  const markers = options.markers ?? [];
  const radiusRad = Math.min(MAX_RADIUS_RAD, options.radiusRad ?? radiusFor(best, contours, markers));
  const projection = zoomedProjection([MAP.x + MAP.side / 2, MAP.y + MAP.side / 2], MAP.side, best, radiusRad);
  const reachRad = 2 * Math.asin(Math.SQRT2 * Math.sin(radiusRad / 2));
  const cells = cellsOf(skymap, best.llh, (nside, pixel) => {
    const sky = pixelDirection(nside, pixel, convention);
    const reach = reachRad + 1.1 * pixelWidthRad(nside);
    // Declinations differ by no more than directions do, and are cheaper to compare.
    return Math.abs(sky.decRad - best.decRad) <= reach && skyDistance(sky, best) <= reach;
  });
  const outermost = Math.max(0, ...contours.map(({ level2DeltaLlh }) => level2DeltaLlh));
  const cap = outermost > 0 ? LEVELS_SHOWN * outermost : DEFAULT_CAP;
  const scale = colourScale(
    cells.flatMap(({ values }) => values),
    cap,
  );
  const titleLines = options.titleLines ?? titleLinesOf(skymap);
  const grid = zoomedGrid(projection, MAP, { raDeg: best.raRad * DEG, decDeg: best.decRad * DEG }, radiusRad * DEG);
  const place = (sky: { raRad: number; decRad: number }): [number, number] =>
    projection.point([sky.raRad * DEG, sky.decRad * DEG]);
  // The far side of the sky has no sensible place.
  const isOnMap = (marker: Marker): boolean => skyDistance(marker, best) < reachRad && isInside(place(marker), MAP);

  const bar = { x: MAP.x + MAP.side + 58, y: MAP.y, width: 18, height: 250 };
  const entries = legendEntries({
    best,
    contours,
    markers,
    cells,
    wholeSky: coversSky(skymap),
    remarkOf: (marker) => (isOnMap(marker) ? undefined : "outside of this picture"),
  });
  let y = bar.y + bar.height + 28;
  const legend = entries.map((entry) => {
    const drawn = drawEntry(entry, bar.x - 10, y);
    y += entryHeight(entry);
    return drawn;
  });
  const bottom = MAP.y + MAP.side;
  const noteLines = notes(contours, cells).map((note, k) =>
    text(MAP.x, bottom + 70 + 20 * k, note, { size: 12.5, fill: "#404040" }),
  );
  const height = Math.ceil(Math.max(y, bottom + 60 + 20 * noteLines.length) + 14);
  const square = { x: MAP.x, y: MAP.y, width: MAP.side, height: MAP.side };

  return svgDocument(WIDTH, height, `${titleLines[0] ?? "Result"}: around the best fit`, [
    element("defs", {}, failedPattern, element("clipPath", { id: "map" }, element("rect", square))),
    drawTitle(titleLines, 40, 8),
    isPreliminary(skymap, options) ? drawPreliminary(WIDTH - 40, 14) : "",
    element(
      "g",
      { "clip-path": "url(#map)" },
      element("rect", { ...square, fill: unscannedColour }),
      ...cells.map((level) => drawCells(level, projection, scale, convention)),
      grid.lines,
      ...contours.map((contour) => drawContour(contour, projection, 2)),
      ...markers.flatMap((marker, k) => (isOnMap(marker) ? symbol(k, ...place(marker), 9) : [])),
      star(...place(best), 9),
    ),
    element("rect", { ...square, fill: "none", stroke: "#1a1a1a", "stroke-width": 1.5 }),
    grid.labels,
    text(MAP.x + MAP.side / 2, bottom + 42, "right ascension", { anchor: "middle" }),
    text(26, MAP.y + MAP.side / 2, "declination", { anchor: "middle", rotateDeg: -90 }),
    verticalColourBar(scale, bar),
    ...legend,
    ...noteLines,
  ]);
}

/** Contours with room around them, and the markers that are not much farther away; never less than a few pixels. */
function radiusFor(best: BestFit, contours: readonly Contour[], markers: readonly Marker[]): number {
  const ringPoints = contours.flatMap(({ rings }) => rings.flat());
  const contourReach = ringPoints.reduce((most, [raRad, decRad]) => Math.max(most, skyDistance({ raRad, decRad }, best)), 0);
  const radius = Math.max(1.35 * contourReach, (contours.length > 0 ? 4 : 8) * pixelWidthRad(best.nside));
  const near = markers.map((marker) => skyDistance(marker, best)).filter((distance) => distance < 4 * radius);
  return Math.max(radius, ...near.map((distance) => 1.2 * distance));
}
