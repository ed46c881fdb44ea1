import type { Logger } from "@skyscan/runtime";
import type { Dispatch } from "./dispatch.ts";
import type { Journal } from "../journal/journal.ts";
import { dispatchOrder, firstPixels, globalBest, refinedPixels } from "../sky/pixels.ts";
import type { PlannedPixels } from "../sky/pixels.ts";
import type { ScanState } from "../state/scan-state.ts";

/** Pixels in one journal record. */
const pixelsPerRecord = 50_000;

export interface PlanningOptions {
  readonly state: ScanState;
  readonly journal: Journal;
  readonly dispatch: Dispatch;
  readonly predictiveScanningThreshold: number;
  readonly pointed: { readonly pixel: number; readonly radiusRad: number } | undefined;
  readonly logger: Logger;
}

/** Decides which pixels come next, and when that is asked. */
export interface Planning {
  /**
   * Plans again when nothing is open, or (below threshold 1.0) when an nside has crossed one of its thresholds: t, then 0.1 … 1.0 above t.
   * A plan goes out once it is in the journal. Returns true when all is done and nothing more is asked for.
   */
  consider(): boolean;
}

export function createPlanning(options: PlanningOptions): Planning {
  const { state, journal, dispatch, logger, predictiveScanningThreshold: threshold } = options;
  const ladder = [
    threshold,
    ...Array.from({ length: 10 }, (_, step) => (step + 1) / 10).filter((rung) => rung > threshold + 1e-9),
  ];
  const rungs = new Map<number, number>();
  let writing = 0;
  let firstPlanned = false;

  /** The first nside's pixels that are not planned: all of them at the start, else those of a plan that a damaged journal lost. */
  function firstPlan(): PlannedPixels | undefined {
    if (firstPlanned) return undefined;
    firstPlanned = true;
    const { nside } = state.steps[0]!;
    const known = state.tables.get(nside);
    const pixels = firstPixels(nside, options.pointed).filter((pixel) => known === undefined || known.rowOf(pixel) < 0);
    if (pixels.length === 0) return undefined;
    return { nside, pixels, sourceNsides: new Uint32Array(pixels.length), sourcePixels: new Float64Array(pixels.length) };
  }

  const fractionDone = (nside: number): number => {
    const table = state.tables.get(nside);
    return table === undefined || table.rows === 0 ? 0 : table.finalUnits / (table.rows * state.posvars);
  };

  function crossed(): boolean {
    if (threshold >= 1) return false;
    let any = false;
    for (const { nside } of state.steps.slice(0, -1)) {
      const fraction = fractionDone(nside);
      let rung = rungs.get(nside) ?? 0;
      while (rung < ladder.length && fraction >= ladder[rung]!) {
        rung += 1;
        any = true;
      }
      rungs.set(nside, rung);
    }
    return any;
  }

  function write(plan: PlannedPixels): void {
    const before = state.tables.get(plan.nside)?.rows ?? 0;
    const best = globalBest(state.tables);
    for (let from = 0; from < plan.pixels.length; from += pixelsPerRecord) {
      const to = from + pixelsPerRecord;
      const record = {
        type: "plan",
        nside: plan.nside,
        pixels: plan.pixels.subarray(from, to),
        sourceNsides: plan.sourceNsides.subarray(from, to),
        sourcePixels: plan.sourcePixels.subarray(from, to),
        more: Math.max(0, plan.pixels.length - to),
      } as const;
      state.apply(record);
      journal.append(record);
    }
    logger.info({ nside: plan.nside, pixels: plan.pixels.length, fits: plan.pixels.length * state.posvars }, "pixels planned");
    writing += 1;
    journal.afterDurable(() => {
      writing -= 1;
      const table = state.tables.get(plan.nside)!;
      const rows = new Uint32Array(plan.pixels.length);
      for (let row = 0; row < rows.length; row += 1) rows[row] = before + row;
      dispatch.enqueue(table, dispatchOrder(table, rows, best));
      dispatch.pump();
    });
  }

  return {
    consider() {
      if (writing > 0) return false;
      const allFinal = state.finalUnits === state.plannedUnits;
      const refineEarly = crossed();
      if (!allFinal && !refineEarly) return false;
      const first = firstPlan();
      const plans =
        first === undefined ? refinedPixels(state.steps, state.tables, (nside) => fractionDone(nside) >= threshold) : [first];
      for (const plan of plans) write(plan);
      return allFinal && plans.length === 0;
    },
  };
}
