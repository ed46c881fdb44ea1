import { colourCount, colourOf } from "./colours.ts";
import type { ColourScale } from "./scale.ts";
import { element, text } from "./svg.ts";

/** Label of every colour bar. */
const QUANTITY = "2Δllh above the best fit";

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the scale ends, and whether values go on. */
function tickLabels(scale: ColourScale): { place: number; label: string }[] {
  const number = (value: number): string => (value >= 1e5 ? value.toExponential(0) : String(value));
  const ticks = scale.ticks.map((value) => ({ place: scale.fractionOf(value), label: number(value) }));
  if (!scale.clipped) return ticks;
  const end = { place: 1, label: `≥ ${number(Number(scale.max.toPrecision(2)))}` };
  return [...ticks.filter(({ place }) => place < (end.label.length > 5 ? 0.84 : 0.9)), end];
}

/** A colour bar from left (best) to right, labels and name below it. */
export function horizontalColourBar(scale: ColourScale, { x, y, width, height }: Box): string {
  const step = width / colourCount;
  const stripes = Array.from({ length: colourCount }, (_, k) =>
    // A pixel more than its share, so that no seam shows.
    element("rect", {
      x: x + k * step,
      y,
      width: Math.min(step + 1, width - k * step),
      height,
      fill: colourOf((k + 0.5) / colourCount),
    }),
  );
  const ticks = tickLabels(scale).map(({ place, label }) => {
    const at = x + place * width;
    return line(at, y + height, at, y + height + 5) + text(at, y + height + 19, label, { size: 13, anchor: "middle" });
  });
  const name = text(x + width / 2, y + height + 39, QUANTITY, { anchor: "middle" });
  return [...stripes, frame({ x, y, width, height }), ...ticks, name].join("");
}

/** A colour bar from bottom (best) to top, labels and name to its right. */
export function verticalColourBar(scale: ColourScale, { x, y, width, height }: Box): string {
  const step = height / colourCount;
  const stripes = Array.from({ length: colourCount }, (_, k) => {
    const top = Math.max(0, height - (k + 1) * step - 1);
    return element("rect", {
      x,
      y: y + top,
      width,
      height: height - k * step - top,
      fill: colourOf((k + 0.5) / colourCount),
    });
  });
  const ticks = tickLabels(scale).map(({ place, label }) => {
    const at = y + (1 - place) * height;
    return line(x + width, at, x + width + 5, at) + text(x + width + 9, at + 4.5, label, { size: 13 });
  });
  const nameX = x + width + 68;
  const name = text(nameX, y + height / 2, QUANTITY, { anchor: "middle", rotateDeg: -90 });
  return [...stripes, frame({ x, y, width, height }), ...ticks, name].join("");
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return element("line", { x1, y1, x2, y2, stroke: "#1a1a1a", "stroke-width": 1 });
}

function frame(box: Box): string {
  return element("rect", { ...box, fill: "none", stroke: "#1a1a1a", "stroke-width": 1 });
}
