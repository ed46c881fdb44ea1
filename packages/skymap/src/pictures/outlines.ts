import { ringBoundary } from "@skyscan/healpix";
import { colourCount, colourOf, failedColour } from "./colours.ts";
import { pixelWidthRad, type Cells } from "./cells.ts";
import type { DecConvention } from "../regions/direction.ts";
import type { ColourScale } from "./scale.ts";
import { element } from "./svg.ts";
import type { Position, Projection } from "./projection.ts";

const DEG = 180 / Math.PI;
/** Length of the straight pieces that the curved edges of a pixel are drawn with. */
const PIECE_PX = 8;
const MAX_PIECES = 48;
const NEXT_TO_POLE_DEG = 90 - 1e-7;

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
  // It came from north over west to south; mirrored, it is right as it is.
  if (convention === "new") ring.reverse();
  const open = ring.flatMap((position, k): Position[] => {
    if (Math.abs(position[1]) < NEXT_TO_POLE_DEG) return [position];
    // A corner at the pole has any right ascension: that of the edge before and of the edge after it, a hair beside the pole.
    const decDeg = Math.sign(position[1]) * NEXT_TO_POLE_DEG;
    return [ring.at(k - 1)!, ring[(k + 1) % ring.length]!].map(([raDeg]): Position => [raDeg, decDeg]);
  });
  return [...open, open[0]!];
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
  return element(
    "g",
    { "stroke-width": 0.5, "stroke-linejoin": "round", "shape-rendering": "crispEdges", class: `nside-${cells.fromNside}` },
    ...paths,
  );
}

/** Hatching of failed fits, for the picture's `defs`. */
export const failedPattern: string = element(
  "pattern",
  { id: "failed", width: 8, height: 8, patternUnits: "userSpaceOnUse" },
  element("path", { d: "M-1,1L1,-1M0,8L8,0M7,9L9,7", stroke: "#6e6e6e", "stroke-width": 1, fill: "none" }),
);
