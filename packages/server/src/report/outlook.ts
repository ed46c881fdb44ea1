import type { NsideStep } from "../sky/nsides.ts";
import type { ScanState } from "../state/scan-state.ts";

/** How far one nside is, in pixels and units (fits). */
export interface NsideOutlook {
  readonly nside: number;
  readonly plannedPixels: number;
  readonly finalPixels: number;
  readonly plannedUnits: number;
  readonly finalUnits: number;
  /** Pixels there will be at least: those planned, else what the extension asks for. */
  readonly predictedPixels: number;
}

export function outlook(state: ScanState, pointedPixels: number | undefined): readonly NsideOutlook[] {
  return state.steps.map((step, position) => {
    const table = state.tables.get(step.nside);
    const plannedPixels = table?.rows ?? 0;
    return {
      nside: step.nside,
      plannedPixels,
      finalPixels: table?.finalPixels ?? 0,
      plannedUnits: plannedPixels * state.posvars,
      finalUnits: table?.finalUnits ?? 0,
      predictedPixels: Math.max(plannedPixels, leastPixels(state.steps, position, pointedPixels)),
    };
  });
}

/** Whole sky at the first step, then extension x children (a lower bound: the disc never holds fewer than about its extension). */
function leastPixels(steps: readonly NsideStep[], position: number, pointedPixels: number | undefined): number {
  const step = steps[position]!;
  const coarser = steps[position - 1];
  if (coarser === undefined) return pointedPixels ?? 12 * step.nside ** 2;
  return Math.min(step.extension * (step.nside / coarser.nside) ** 2, 12 * step.nside ** 2);
}
