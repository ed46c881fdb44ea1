import { element, text } from "./svg.ts";

/** Title lines from (x, y) down, the first one large. */
export function drawTitle(lines: readonly string[], x: number, y: number): string {
  return lines
    .map((line, k) =>
      k === 0 ? text(x, y + 24, line, { size: 22, bold: true }) : text(x, y + 24 + 23 * k, line, { size: 14, fill: "#404040" }),
    )
    .join("");
}

/** The mark of a result that is not final, with its right end at x. */
export function drawPreliminary(rightX: number, y: number): string {
  const width = 178;
  const frame = element("rect", {
    x: rightX - width,
    y,
    width,
    height: 32,
    rx: 3,
    fill: "#ffffff",
    stroke: "#b3261e",
    "stroke-width": 2,
  });
  return frame + text(rightX - width / 2, y + 22.5, "PRELIMINARY", { size: 18, bold: true, fill: "#b3261e", anchor: "middle" });
}
