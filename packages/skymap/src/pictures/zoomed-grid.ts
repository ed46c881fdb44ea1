import { decLabel, gridStepDeg, multiplesBetween, raLabel } from "./grid-steps.ts";
import type { Position, Projection } from "./projection.ts";
import { element, polyline, text, textWidth } from "./svg.ts";

/** A square of the picture. */
export interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

type Side = "top" | "bottom" | "left" | "right";

interface Crossing {
  readonly side: Side;
  readonly x: number;
  readonly y: number;
}

/** Grid of a zoomed picture: its lines, to be clipped to the map, and the labels around it. */
export interface ZoomedGrid {
  readonly lines: string;
  readonly labels: string;
}

const LABEL_SIZE = 13;

/**
 * Meridians and parallels of a square map, about five of each. Right ascensions are labelled where meridians leave at the bottom,
 * declinations where parallels leave at the left; with a pole on the map, meridians all around and declinations inside.
 */
export function zoomedGrid(
  projection: Projection,
  square: Square,
  centre: { readonly raDeg: number; readonly decDeg: number },
  radiusDeg: number,
): ZoomedGrid {
  // From the middle to a corner, in the equal-area projection.
  const cornerDeg = (360 / Math.PI) * Math.asin(Math.min(1, Math.SQRT2 * Math.sin((radiusDeg * Math.PI) / 360)));
  const hasPole = Math.abs(centre.decDeg) + cornerDeg >= 90;
  const decStep = gridStepDeg((2 * radiusDeg) / 6);
  const cosDec = Math.cos((centre.decDeg * Math.PI) / 180);
  const raStep = hasPole ? 30 : gridStepDeg((0.7 * decStep) / cosDec);
  const raReach = hasPole ? 180 : Math.min(180, 1.3 * degrees(Math.asin(Math.min(1, Math.sin(radians(cornerDeg)) / cosDec))));
  const decFrom = Math.max(-90, centre.decDeg - cornerDeg * 1.05);
  const decTo = Math.min(90, centre.decDeg + cornerDeg * 1.05);

  const meridians = multiplesBetween(centre.raDeg - raReach, centre.raDeg + (hasPole ? raReach - 1e-6 : raReach), raStep);
  const parallels = multiplesBetween(decFrom, decTo, decStep).filter((decDeg) => Math.abs(decDeg) < 90);
  const meridianLines = meridians.map((raDeg) => sampled(300, (t) => [raDeg, decFrom + t * (decTo - decFrom)]));
  const parallelLines = parallels.map((decDeg) => sampled(400, (t) => [centre.raDeg + (2 * t - 1) * raReach, decDeg]));

  const written: Box[] = [];
  const labels: string[] = [];
  const add = (label: Label): void => {
    const box = boxOf(label);
    if (written.some((other) => overlaps(box, other))) return;
    written.push(box);
    labels.push(text(label.x, label.y, label.content, { size: LABEL_SIZE, anchor: label.anchor, ...label.style }));
  };
  for (const [k, raDeg] of meridians.entries()) {
    for (const crossing of crossings(meridianLines[k]!.map(projection.point), square)) {
      if (crossing.side === "bottom" || hasPole) add(labelAt(crossing, raLabel(raDeg, raStep)));
    }
  }
  for (const [k, decDeg] of parallels.entries()) {
    const content = decLabel(decDeg, decStep);
    if (hasPole) {
      // On the meridian through the middle, where every parallel of the map is.
      const [x, y] = projection.point([centre.raDeg, decDeg]);
      if (isInside([x, y], square)) add({ x: x + 4, y: y - 4, content, anchor: "start", style: { halo: "#ffffff" } });
      continue;
    }
    for (const crossing of crossings(parallelLines[k]!.map(projection.point), square)) {
      if (crossing.side === "left") add(labelAt(crossing, content));
    }
  }
  const d = [...meridianLines, ...parallelLines]
    .map((line) =>
      polyline(
        line.map(projection.point).filter((point) => isNear(point, square)),
        false,
      ),
    )
    .join("");
  return {
    lines: element("path", { d, fill: "none", stroke: "#ffffff", "stroke-width": 0.9, "stroke-opacity": 0.55 }),
    labels: labels.join(""),
  };
}

interface Label {
  readonly x: number;
  readonly y: number;
  readonly content: string;
  readonly anchor: "start" | "middle" | "end";
  readonly style?: { readonly halo: string };
}

/** A label outside of the map where a line leaves it. */
function labelAt({ side, x, y }: Crossing, content: string): Label {
  switch (side) {
    case "bottom":
      return { x, y: y + 18, content, anchor: "middle" };
    case "top":
      return { x, y: y - 7, content, anchor: "middle" };
    case "left":
      return { x: x - 7, y: y + 4.5, content, anchor: "end" };
    case "right":
      return { x: x + 7, y: y + 4.5, content, anchor: "start" };
  }
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function boxOf({ x, y, content, anchor }: Label): Box {
  const width = textWidth(content, LABEL_SIZE);
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { left: left - 4, right: left + width + 4, top: y - LABEL_SIZE, bottom: y + 4 };
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Where a line crosses the sides of the square. */
function crossings(points: readonly (readonly [number, number])[], square: Square): Crossing[] {
  const found: Crossing[] = [];
  const right = square.x + square.side;
  const bottom = square.y + square.side;
  for (let k = 1; k < points.length; k++) {
    const [x0, y0] = points[k - 1]!;
    const [x1, y1] = points[k]!;
    // A step across much of the map is a jump at the far end of the projection, not a line.
    if (Math.hypot(x1 - x0, y1 - y0) > square.side / 2) continue;
    for (const [side, at] of [
      ["left", square.x],
      ["right", right],
    ] as const) {
      const y = y0 + ((at - x0) / (x1 - x0)) * (y1 - y0);
      if (x0 < at !== x1 < at && y >= square.y && y <= bottom) found.push({ side, x: at, y });
    }
    for (const [side, at] of [
      ["top", square.y],
      ["bottom", bottom],
    ] as const) {
      const x = x0 + ((at - y0) / (y1 - y0)) * (x1 - x0);
      if (y0 < at !== y1 < at && x >= square.x && x <= right) found.push({ side, x, y: at });
    }
  }
  return found;
}

/** Whether a place is on the map. */
export function isInside([x, y]: readonly [number, number], square: Square): boolean {
  return x >= square.x && x <= square.x + square.side && y >= square.y && y <= square.y + square.side;
}

/** Whether a place is on the map or beside it: what is farther away is not worth its bytes. */
function isNear([x, y]: readonly [number, number], { x: left, y: top, side }: Square): boolean {
  return x >= left - side / 4 && x <= left + 1.25 * side && y >= top - side / 4 && y <= top + 1.25 * side;
}

function sampled(steps: number, at: (t: number) => Position): Position[] {
  return Array.from({ length: steps + 1 }, (_, k) => at(k / steps));
}

function radians(deg: number): number {
  return (deg * Math.PI) / 180;
}

function degrees(rad: number): number {
  return (rad * 180) / Math.PI;
}
