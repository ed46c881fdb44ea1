import type { Findings, MeasuredContour } from "../regions/findings.ts";
import { methodText } from "../regions/findings.ts";

const DEG = 180 / Math.PI;

/** Both contours for DS9, Aladin and whatever reads its regions: a polygon for each ring, ICRS degrees. */
export function encodeDs9Regions({ facts, contours }: Findings): string {
  const lines = contours.flatMap((contour) =>
    contour.rings.map((ring) => {
      const points = ring.slice(0, -1).flatMap(([ra, dec]) => [(ra * DEG).toFixed(6), (dec * DEG).toFixed(6)]);
      const percent = contour.containment * 100;
      return `polygon(${points.join(",")}) # color=${percent === 50 ? "blue" : "red"} text={${percent} %}`;
    }),
  );
  return [
    "# Region file format: DS9 version 4.1",
    `# ${facts.eventName}, scan ${facts.scanId}, reco ${facts.reco.name}`,
    ...contours.map((c) => `# ${c.containment * 100} %: 2 delta llh = ${c.level2DeltaLlh.toFixed(3)}, ${methodText(c)}`),
    "# A polygon inside another of the same text is a hole.",
    "icrs",
    ...lines,
    "",
  ].join("\n");
}

/**
 * The points of a contour as skyreader's `<id>.contour_<val>.txt` has them, radian. The format knows one closed line: it is the ring around the
 * largest part; islands and holes are in the DS9 file. No line at all where the map is too coarse for one.
 */
export function encodeContourText({ rings }: MeasuredContour): string {
  const largest = [...rings].sort((a, b) => extent(b) - extent(a))[0] ?? [];
  return `"ra (rad)" "dec (rad)"\n${largest.map(([ra, dec]) => `${ra} ${dec}\n`).join("")}`;
}

/** Solid angle inside a ring, near enough to tell which of several is the largest. */
function extent(ring: MeasuredContour["rings"][number]): number {
  let area = 0;
  for (let k = 1; k < ring.length; k++) {
    const [ra, dec] = ring[k]!;
    const [before, decBefore] = ring[k - 1]!;
    const step = ra - before - 2 * Math.PI * Math.round((ra - before) / (2 * Math.PI));
    area += (step * (Math.sin(dec) + Math.sin(decBefore))) / 2;
  }
  return Math.abs(area);
}
