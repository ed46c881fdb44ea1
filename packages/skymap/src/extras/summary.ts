import { bestFit, type BestFit } from "../regions/best-fit.ts";
import { columnTable } from "../result/columns.ts";
import type { DecConvention } from "../regions/direction.ts";
import { eventNameOf } from "../result/metadata.ts";
import { eventMetadataOf, type Skymap, type SkymapLevel } from "../result/skymap.ts";

const degrees = (rad: number): string => ((rad * 180) / Math.PI).toFixed(3);

/** Values to the precision a person reads; NaN as it is. */
const short = (value: number): string => (Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(8))));

function lowest(level: SkymapLevel): { llh: number; failed: number } {
  let llh = NaN;
  let failed = 0;
  for (const value of level.columns.llh) {
    if (Number.isNaN(value)) failed++;
    else if (!(llh <= value)) llh = value;
  }
  return { llh, failed };
}

/** Rows of equal column widths; text to the left, numbers to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, k) => Math.max(title.length, ...rows.map((row) => row[k]!.length)));
  return [head, ...rows].map((row) => row.map((cell, k) => cell.padStart(widths[k]!)).join("  "));
}

function bestFitLines(best: BestFit | undefined): string[] {
  if (best === undefined) return ["best fit   none: no fit succeeded"];
  const energies = columnTable.flatMap(({ name, unit }) => {
    const value = best.row[name];
    return name === "index" || name === "llh" || value === undefined || Number.isNaN(value)
      ? []
      : `${name} ${short(value)} ${unit}`;
  });
  return [
    `best fit   RA ${degrees(best.raRad)} deg, dec ${degrees(best.decRad)} deg (nside ${best.nside}, pixel ${best.pixel}, llh ${short(best.llh)})`,
    ...(energies.length > 0 ? [`           ${energies.join(", ")}`] : []),
  ];
}

/**
 * A result for people to read: its event, its best fit, and a line per nside with pixels, whether it is complete, the lowest llh and how
 * many fits failed. Several lines, none ending in a line break.
 * @param decConvention needed for results without header
 * @throws SkymapError `convention`
 */
export function summarizeSkymap(skymap: Skymap, decConvention?: DecConvention): string {
  const best = bestFit(skymap, decConvention);
  const metadata = eventMetadataOf(skymap);
  const kind = metadata?.isRealEvent === undefined ? "" : metadata.isRealEvent ? ", real" : ", simulated";
  const event =
    metadata === undefined ? "unknown (a file without header)" : `${eventNameOf(metadata)}${kind}, MJD ${metadata.mjd}`;
  const nsides = table(
    ["nside", "pixels", "complete", "lowest llh", "failed (NaN)"],
    skymap.levels.map((level) => {
      const { llh, failed } = lowest(level);
      const complete = level.metadata?.complete;
      return [
        String(level.nside),
        String(level.columns.index.length),
        complete === undefined ? "?" : complete ? "yes" : "no",
        short(llh),
        String(failed),
      ];
    }),
  );
  const notes =
    metadata !== undefined && metadata.complete === undefined && decConvention === undefined
      ? [
          "note       the header does not say whether nsides are complete, as before v3.14; files from before v3.8 have mirrored declinations",
        ]
      : decConvention === "old"
        ? ["note       declinations by the convention from before v3.8 (dec = theta - pi/2)"]
        : [];
  return [`event      ${event}`, ...bestFitLines(best), ...notes, "", ...nsides].join("\n");
}
