import { bestFit } from "../regions/best-fit.ts";
import { decConventionOf } from "../regions/direction.ts";
import type { Skymap } from "../result/skymap.ts";
import { cellsOf, coversSky } from "./cells.ts";
import { horizontalColourBar } from "./colour-bar.ts";
import { unscannedColour } from "./colours.ts";
import { drawEntry, entryHeight, legendEntries, notes } from "./legend.ts";
import { drawContour, star, symbol } from "./markers.ts";
import { drawCells, failedPattern } from "./outlines.ts";
import { isPreliminary, titleLinesOf, type PictureOptions } from "./picture-options.ts";
import { fullSkyProjection, type Position, type Projection } from "./projection.ts";
import { colourScale } from "./scale.ts";
import { element, polyline, svgDocument, text } from "./svg.ts";
import { drawTitle, drawPreliminary } from "./title.ts";
import { decLabel, raLabel } from "./grid-steps.ts";

/** Settings of {@link drawFullSky}. */
export interface FullSkyOptions extends PictureOptions {
  /** Right ascension in the middle, radian; default 0. */
  readonly centreRaRad?: number;
}

const WIDTH = 1200;
const MAP = { x: 600, y: 382, width: 1060 } as const;
const BOTTOM = MAP.y + MAP.width / 4;
const STEP_DEG = 30;
const DEG = 180 / Math.PI;

/**
 * The whole sky in Mollweide's projection as SVG: pixels in their own shape and coloured by 2 delta llh, finer over coarser; contours, best
 * fit, markers; grid, colour bar, legend. Right ascension grows to the left. The same result and options always give the same bytes.
 * A result without any successful fit is drawn, too. @throws SkymapError `convention`
 */
export function drawFullSky(skymap: Skymap, options: FullSkyOptions = {}): string {
  const convention = decConventionOf(skymap, options.decConvention);
  const best = bestFit(skymap, convention);
  const centreRaRad = options.centreRaRad ?? 0;
  const projection = fullSkyProjection([MAP.x, MAP.y], MAP.width, centreRaRad);
  const cells = cellsOf(skymap, best?.llh ?? NaN);
  const scale = colourScale(cells.flatMap(({ values }) => values));
  const contours = options.contours ?? [];
  const markers = options.markers ?? [];
  const titleLines = options.titleLines ?? titleLinesOf(skymap);
  const place = (sky: { raRad: number; decRad: number }): [number, number] =>
    projection.point([sky.raRad * DEG, sky.decRad * DEG]);

  const ellipse = { cx: MAP.x, cy: MAP.y, rx: MAP.width / 2, ry: MAP.width / 4 };
  const entries = legendEntries({ best, contours, markers, cells, wholeSky: coversSky(skymap) });
  const bar = { x: 60, y: BOTTOM + 50, width: 420, height: 18 };
  const columns = legendColumns(entries.map(entryHeight));
  const legend = entries.map((entry, k) => drawEntry(entry, 540 + 320 * columns.at[k]!.column, bar.y - 10 + columns.at[k]!.y));
  const noteLines = notes(contours, cells).map((note, k) => text(60, bar.y + 92 + 20 * k, note, { size: 12.5, fill: "#404040" }));
  const height = Math.ceil(Math.max(bar.y + 92 + 20 * noteLines.length, bar.y + columns.height) + 16);

  return svgDocument(WIDTH, height, `${titleLines[0] ?? "Result"}: full sky`, [
    element("defs", {}, failedPattern, element("clipPath", { id: "sky" }, element("ellipse", ellipse))),
    drawTitle(titleLines, 40, 12),
    isPreliminary(skymap, options) ? drawPreliminary(WIDTH - 40, 16) : "",
    element(
      "g",
      { "clip-path": "url(#sky)" },
      element("ellipse", { ...ellipse, fill: unscannedColour }),
      ...cells.map((level) => drawCells(level, projection, scale, convention)),
      gridLines(projection, centreRaRad * DEG),
      ...contours.map((contour) => drawContour(contour, projection, 1.4)),
    ),
    element("ellipse", { ...ellipse, fill: "none", stroke: "#1a1a1a", "stroke-width": 1.5 }),
    gridLabels(projection, centreRaRad * DEG),
    ...markers.map((marker, k) => symbol(k, ...place(marker), 11)),
    ...(best === undefined ? [] : [star(...place(best), 8)]),
    horizontalColourBar(scale, bar),
    ...legend,
    ...noteLines,
  ]);
}

/** Entries into two columns, in order, the first no higher than need be. */
function legendColumns(heights: readonly number[]): { at: { column: number; y: number }[]; height: number } {
  const half = heights.reduce((sum, height) => sum + height, 0) / 2;
  let column = 0;
  let y = 0;
  let highest = 0;
  const at = heights.map((height) => {
    if (column === 0 && y > 0 && y + height / 2 > half) {
      column = 1;
      y = 0;
    }
    const place = { column, y };
    y += height;
    highest = Math.max(highest, y);
    return place;
  });
  return { at, height: highest };
}

function gridLines(projection: Projection, centreDeg: number): string {
  const lines: string[] = [];
  const path = (positions: Position[]): void => void lines.push(polyline(positions.map(projection.point), false));
  for (let decDeg = -60; decDeg <= 60; decDeg += STEP_DEG) {
    // The edge of the map is one direction with two places: stop short of it on either side.
    path([-179.999, 179.999].map((fromCentre): Position => [centreDeg + fromCentre, decDeg]));
  }
  for (let raDeg = 0; raDeg < 360; raDeg += STEP_DEG) {
    const turns = (raDeg - centreDeg) / 360 - 0.5;
    if (Math.abs(turns - Math.round(turns)) < 1e-6) continue;
    path(Array.from({ length: 61 }, (_, k): Position => [raDeg, 3 * k - 90]));
  }
  return element("path", { d: lines.join(""), fill: "none", stroke: "#ffffff", "stroke-width": 0.9, "stroke-opacity": 0.6 });
}

function gridLabels(projection: Projection, centreDeg: number): string {
  const labels: string[] = [];
  for (let decDeg = -60; decDeg <= 60; decDeg += STEP_DEG) {
    const [x, y] = projection.point([centreDeg + 179.999, decDeg]);
    const below = decDeg < 0 ? 12 : decDeg > 0 ? -2 : 5;
    labels.push(text(x - 8, y + below, decLabel(decDeg, STEP_DEG), { size: 14, anchor: "end" }));
  }
  for (let raDeg = 0; raDeg < 360; raDeg += STEP_DEG) {
    const turns = (raDeg - centreDeg) / 360 - 0.5;
    if (Math.abs(turns - Math.round(turns)) < 0.02) continue;
    const [x, y] = projection.point([raDeg, 0]);
    labels.push(text(x, y + 18, raLabel(raDeg, STEP_DEG), { size: 13, anchor: "middle", halo: "#ffffff" }));
  }
  labels.push(
    text(MAP.x, BOTTOM + 22, "right ascension, growing to the left; declination; equatorial", {
      size: 12.5,
      fill: "#404040",
      anchor: "middle",
    }),
  );
  return labels.join("");
}
