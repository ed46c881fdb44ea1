import { bestFit, llhAt } from "../regions/best-fit.ts";
import { decConventionOf, type DecConvention } from "../regions/direction.ts";
import type { Skymap } from "../result/skymap.ts";

/** Shades from worst to best, and the share of cells that are at least so good. */
const SHADES = [
  { shade: "░", share: 1 },
  { shade: "▒", share: 0.3 },
  { shade: "▓", share: 0.1 },
  { shade: "█", share: 0.02 },
] as const;
const NOT_SCANNED = "·";
const BEST = "✕";

/** Settings of {@link drawSkymap}. */
export interface DrawOptions {
  /** Width in characters, 20 to 400; default 72. The height follows. */
  readonly columns?: number;
  /** Needed for results without header. */
  readonly decConvention?: DecConvention;
}

/** Direction of a point of the Mollweide ellipse, x and y in [-1, 1], right ascension growing to the left from 0 at the middle. */
function mollweideInverse(x: number, y: number): { raRad: number; decRad: number } | undefined {
  if (x * x + y * y >= 1) return undefined;
  const auxiliary = Math.asin(y);
  const decRad = Math.asin((2 * auxiliary + Math.sin(2 * auxiliary)) / Math.PI);
  return { raRad: (-Math.PI * x) / Math.cos(auxiliary), decRad };
}

/** Point of the Mollweide ellipse of a direction (Snyder 1987, equations 31-1 to 31-4, by Newton's method). */
function mollweide(raRad: number, decRad: number): { x: number; y: number } {
  let auxiliary = decRad;
  for (let k = 0; k < 50; k++) {
    const slope = 2 + 2 * Math.cos(2 * auxiliary);
    if (slope < 1e-12) break;
    const step = (2 * auxiliary + Math.sin(2 * auxiliary) - Math.PI * Math.sin(decRad)) / slope;
    auxiliary -= step;
    if (Math.abs(step) < 1e-10) break;
  }
  const raFromMiddle = raRad > Math.PI ? raRad - 2 * Math.PI : raRad;
  return { x: (-raFromMiddle / Math.PI) * Math.cos(auxiliary), y: Math.sin(auxiliary) };
}

/**
 * The whole sky in characters: Mollweide, north up, right ascension 0 in the middle and growing to the left. Each cell shows the llh at its
 * centre (finest nside first), shaded by rank among the cells; the best fit is marked. Several lines, none ending in a line break.
 * @throws SkymapError `convention`; RangeError for a width that is not from 20 to 400
 */
export function drawSkymap(skymap: Skymap, options: DrawOptions = {}): string {
  const columns = options.columns ?? 72;
  if (!Number.isInteger(columns) || columns < 20 || columns > 400)
    throw new RangeError(`${columns} columns: from 20 to 400 are possible`);
  const convention = decConventionOf(skymap, options.decConvention);
  // Characters are about twice as high as wide, and the ellipse twice as wide as high.
  const rows = Math.round(columns / 4);
  const cells: (number | undefined | null)[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const direction = mollweideInverse((2 * (column + 0.5)) / columns - 1, 1 - (2 * (row + 0.5)) / rows);
      cells.push(direction === undefined ? null : llhAt(skymap, direction.raRad, direction.decRad, convention)?.llh);
    }
  }
  const values = cells.filter((value) => typeof value === "number").sort((a, b) => a - b);
  const limits = SHADES.map(({ shade, share }) => ({ shade, limit: values[Math.max(0, Math.ceil(share * values.length) - 1)]! }));
  const text = cells.map((value): string => {
    if (value === null) return " ";
    return value === undefined ? NOT_SCANNED : limits.findLast(({ limit }) => value <= limit)!.shade;
  });
  const best = bestFit(skymap, convention);
  if (best !== undefined) {
    const { x, y } = mollweide(best.raRad, best.decRad);
    const column = Math.min(columns - 1, Math.floor(((x + 1) / 2) * columns));
    const row = Math.min(rows - 1, Math.floor(((1 - y) / 2) * rows));
    text[row * columns + column] = BEST;
  }
  const lines = Array.from({ length: rows }, (_, row) =>
    text
      .slice(row * columns, (row + 1) * columns)
      .join("")
      .trimEnd(),
  );
  const legend = `${BEST} best fit  █ best 2 %  ▓ 10 %  ▒ 30 %  ░ rest  ${NOT_SCANNED} not scanned or failed;  RA 0h in the middle, growing to the left`;
  return [...lines, legend].join("\n");
}
