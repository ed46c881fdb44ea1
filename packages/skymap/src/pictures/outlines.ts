import { ringBoundary } from "@skyscan/healpix";
import { colourCount, colourOf, failedColour } from "./colours.ts";
import { pixelWidthRad, type Cells } from "./cells.ts";
import type { DecConvention } from "../direction.ts";
import type { ColourScale } from "./scale.ts";
import { element } from "./svg.ts";
import type { Projection } from "./projection.ts";

/** Right ascension and declination in degrees, as GeoJSON has longitude and latitude. */
export type Position = [raDeg: number, decDeg: number];

const DEG = 180 / Math.PI;
/** Length of the straight pieces that the curved edges of a pixel are drawn with. */
const PIECE_PX = 8;
const MAX_PIECES = 48;

/**
 * Outline of a RING pixel on the sky, closed (last point = first), in the sense of rotation that d3-geo
 * asks of what is smaller than half the sky (the other one would mean all the rest).
 */
export function pixelOutline(nside: number, pixel: number, pointsPerEdge: number, convention: DecConvention): Position[] {
  const sign = convention === "new" ? 1 : -1;
  const ring = ringBoundary(nside, pixel, pointsPerEdge).map(({ thetaRad, phiRad }): Position => [
    phiRad * DEG,
    sign * (90 - thetaRad * DEG),
  ]);
  // From north over west to south; mirrored, that runs the other way round.
  if (convention === "old") ring.reverse();
  ring.push(ring[0]!);
  return ring;
}

/**
 * Pixels in their own shape, one path for each colour. Edges get as many points as their length in the picture asks for. A thin stroke of the
 * same colour closes the hairlines that renderers leave between neighbours. Failed fits are hatched grey ({@link failedPattern}).
 */
export function drawCells(cells: Cells, projection: Projection, scale: ColourScale, convention: DecConvention): string {
  const widthPx = pixelWidthRad(cells.nside) * projection.pxPerRad;
  const pieces = Math.min(MAX_PIECES, Math.max(1, Math.ceil(widthPx / PIECE_PX)));
  const byColour = Array.from({ length: colourCount }, (): string[] => []);
  const failed: string[] = [];
  for (const [k, pixel] of cells.pixels.entries()) {
    const value = cells.values[k]!;
    const outline = projection.outline(pixelOutline(cells.nside, pixel, pieces, convention));
    (Number.isNaN(value) ? failed : byColour[scale.colourIndexOf(value)]!).push(outline);
  }
  const paths = byColour.flatMap((outlines, index) => {
    if (outlines.length === 0) return [];
    const colour = colourOf((index + 0.5) / colourCount);
    return element("path", { d: outlines.join(""), fill: colour, stroke: colour });
  });
  if (failed.length > 0) {
    const d = failed.join("");
    // Small pixels show no hatching: the grey alone must tell.
    paths.push(element("path", { d, fill: failedColour, stroke: failedColour, class: "failed" }));
    if (widthPx > 5) paths.push(element("path", { d, fill: "url(#failed)", stroke: "none" }));
  }
  return element("g", { "stroke-width": 0.5, "stroke-linejoin": "round", class: `nside-${cells.fromNside}` }, ...paths);
}

/** Hatching of failed fits, for the picture's `defs`. */
export const failedPattern: string = element(
  "pattern",
  { id: "failed", width: 6, height: 6, patternUnits: "userSpaceOnUse" },
  element("path", { d: "M-1,1L1,-1M0,6L6,0M5,7L7,5", stroke: "#6e6e6e", "stroke-width": 1, fill: "none" }),
);
