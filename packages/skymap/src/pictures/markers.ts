import type { Contour } from "../regions/contours.ts";
import { ink, markerColours } from "./colours.ts";
import type { Projection } from "./projection.ts";
import { element, polyline } from "./svg.ts";

const DEG = 180 / Math.PI;

/** The best fit: a white star with a dark edge. */
export function star(x: number, y: number, radius: number): string {
  const points = Array.from({ length: 10 }, (_, k): [number, number] => {
    const r = k % 2 === 0 ? radius : radius * 0.42;
    const angle = (k * Math.PI) / 5;
    return [x + r * Math.sin(angle), y - r * Math.cos(angle)];
  });
  return element("path", {
    d: polyline(points, true),
    fill: "#ffffff",
    stroke: ink,
    "stroke-width": 1.3,
    "stroke-linejoin": "round",
  });
}

/** A direction of its own: an open shape that hides nothing, each with another colour and shape. */
export function symbol(k: number, x: number, y: number, radius: number): string {
  const corners = [undefined, 4, 3, 6][k % 4];
  const turn = k % 4 === 1 ? Math.PI / 4 : 0;
  const shape = (stroke: string, width: number): string => {
    const style = { fill: "none", stroke, "stroke-width": width, "stroke-linejoin": "round" };
    if (corners === undefined) return element("circle", { cx: x, cy: y, r: radius, ...style });
    const points = Array.from({ length: corners }, (_, n): [number, number] => {
      const angle = turn + (2 * Math.PI * n) / corners;
      return [x + 1.2 * radius * Math.sin(angle), y - 1.2 * radius * Math.cos(angle)];
    });
    return element("path", { d: polyline(points, true), ...style });
  };
  return shape("#ffffff", 5) + shape(markerColours[k % markerColours.length]!, 2.6);
}

/** Line style of a contour: the inner one drawn through, the outer one dashed. */
export function contourDashes(contour: Contour): string | undefined {
  return contour.containment === 0.5 ? undefined : "7 4";
}

/** The rings of a contour, dark with a light seam. */
export function drawContour(contour: Contour, projection: Projection, width: number): string {
  const d = contour.rings
    .map((ring) => projection.line(ring.map(([raRad, decRad]) => [raRad * DEG, decRad * DEG] as [number, number])))
    .join("");
  if (d === "") return "";
  const style = { d, fill: "none", "stroke-linejoin": "round" };
  const seam = element("path", { ...style, stroke: "#ffffff", "stroke-width": width + 1.6, "stroke-opacity": 0.75 });
  return seam + element("path", { ...style, stroke: ink, "stroke-width": width, "stroke-dasharray": contourDashes(contour) });
}
