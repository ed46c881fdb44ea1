import { spreadOf } from "../report.ts";
import type { Spread } from "../report.ts";
import { loopCases, loopDrivers } from "./cases.ts";
import type { LoopCase } from "./cases.ts";
import type { Sides } from "./sides.ts";

/** One line of the table. */
export interface LoopRow {
  readonly case: string;
  readonly driver: string;
  readonly client: "bare" | "in-process" | "stream";
  /** Of a bare loop. */
  readonly window: number | null;
  /** Median. */
  readonly perSec: number;
  /** Median of the pairs' ratios to the bare loop at window 300; null for the bare loops themselves. */
  readonly ofBare: number | null;
  readonly spread: Spread;
  readonly pairs: number;
  readonly atLeast: number | null;
}

export interface MeasureOptions {
  readonly sides: Sides;
  readonly units: number;
  readonly repetitions: number;
  readonly cases: readonly LoopCase[];
  /** Called after each measurement. */
  readonly onMeasured: (what: string, perSec: number) => void;
}

export const bareWindow = 300;
/** Round trips one after the other are slow: fewer of them are enough. */
const smallWindows = [
  { window: 1, share: 0.003 },
  { window: 32, share: 0.1 },
] as const;

/**
 * Measures in rounds: in each the bare loop runs before every second case, so that a case and what it is compared with are neighbours in
 * time, and what else the machine does meets both.
 */
export async function measureLoop(options: MeasureOptions): Promise<LoopRow[]> {
  const { sides, units, cases } = options;
  const noted = async (what: string, measured: Promise<number>): Promise<number> => {
    const perSec = await measured;
    options.onMeasured(what, perSec);
    return perSec;
  };
  const bare = (driver: string, window: number, count: number): Promise<number> =>
    noted(`bare ${driver}, window ${window}`, sides.bare(driver, window, count));

  const rates = new Map<string, number[]>();
  const ratios = new Map<string, number[]>();
  for (let round = 0; round < options.repetitions; round += 1) {
    for (const driver of loopDrivers) {
      const own = cases.filter((one) => one.driver === driver);
      if (own.length === 0) continue;
      for (const { window, share } of smallWindows)
        add(rates, bareName(driver, window), await bare(driver, window, Math.max(50, Math.round(share * units))));
      let reference = 0;
      for (const [position, one] of own.entries()) {
        if (position % 2 === 0) {
          reference = await bare(driver, bareWindow, units);
          add(rates, bareName(driver, bareWindow), reference);
        }
        const perSec = await noted(one.name, sides.engine(one, units * one.unitsFactor));
        add(rates, keyOf(one), perSec);
        add(ratios, keyOf(one), perSec / reference);
      }
    }
  }
  return loopDrivers.flatMap((driver) => rowsOf(driver));

  function rowsOf(driver: string): LoopRow[] {
    const windows = [...smallWindows.map(({ window }) => window), bareWindow];
    const bareRows = windows.flatMap((window): LoopRow[] => {
      const values = rates.get(bareName(driver, window));
      if (values === undefined) return [];
      const spread = spreadOf(values);
      const about = { case: "bare loop", driver, client: "bare", window } as const;
      return [{ ...about, perSec: spread.median, ofBare: null, spread, pairs: values.length, atLeast: null }];
    });
    const engineRows = loopCases.flatMap((one): LoopRow[] => {
      const values = ratios.get(keyOf(one));
      if (values === undefined || one.driver !== driver) return [];
      const spread = spreadOf(values);
      const { median: perSec } = spreadOf(rates.get(keyOf(one))!);
      const about = { case: one.name, driver, client: one.client, window: null } as const;
      return [{ ...about, perSec, ofBare: spread.median, spread, pairs: values.length, atLeast: one.atLeast }];
    });
    return [...bareRows, ...engineRows];
  }
}

const bareName = (driver: string, window: number): string => `bare ${driver} ${window}`;
const keyOf = (one: LoopCase): string => `${one.driver} ${one.name}`;
function add(lists: Map<string, number[]>, name: string, value: number): void {
  lists.set(name, [...(lists.get(name) ?? []), value]);
}
