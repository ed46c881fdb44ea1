import { formatNsides } from "@skyscan/server";
import type { ScanInputs } from "@skyscan/server/parts";
import { alignedLines, shown, spreadOf } from "../report.ts";
import type { Spread } from "../report.ts";
import { clusterInputs } from "./inputs.ts";
import { simulateCluster } from "./simulate.ts";
import type { ClusterOutcome, ClusterSettings } from "./simulate.ts";

/** One line of a table: so many simulated scans that differ in their seed alone. */
export interface ClusterRow {
  readonly case: string;
  readonly slots: number;
  readonly nsides: string;
  readonly units: number;
  readonly threshold: number;
  readonly hostSpread: number;
  readonly speculation: boolean;
  readonly seeds: readonly number[];
  readonly makespanSec: Spread;
  readonly idealSec: number;
  /** Makespan over ideal. */
  readonly ofIdeal: Spread;
  /** Makespan beyond 1.15 times the ideal, in median fits; the goal is 1. */
  readonly fitsBeyondGoal: Spread;
  /** Time of copies over time of fits that counted. */
  readonly extra: Spread;
  readonly copies: number;
  readonly hostsLost: number;
}

const medianFitSec = 60;
const common = { medianFitSec, fitSpread: 0.3, heartbeatSec: 60 };

type Fixed = Omit<ClusterSettings, "seed">;

async function rowOf(name: string, fixed: Fixed, seeds: readonly number[], note: (text: string) => void): Promise<ClusterRow> {
  const outcomes: ClusterOutcome[] = [];
  for (const seed of seeds) {
    const outcome = await simulateCluster({ ...fixed, seed });
    outcomes.push(outcome);
    note(
      `${name}: ${fixed.slots} slots, threshold ${fixed.threshold}, speculation ${fixed.speculation ? "on" : "off"}, seed ${seed}: ${shown(outcome.makespanSec / outcome.idealSec)} x ideal`,
    );
  }
  const spread = (of: (outcome: ClusterOutcome) => number): Spread => spreadOf(outcomes.map(of));
  return {
    case: name,
    slots: fixed.slots,
    nsides: formatNsides(fixed.inputs.steps),
    units: spread(({ units }) => units).median,
    threshold: fixed.threshold,
    hostSpread: fixed.hostSpread,
    speculation: fixed.speculation,
    seeds,
    makespanSec: spread(({ makespanSec }) => makespanSec),
    idealSec: spread(({ idealSec }) => idealSec).median,
    ofIdeal: spread(({ makespanSec, idealSec }) => makespanSec / idealSec),
    fitsBeyondGoal: spread(({ makespanSec, idealSec }) => (makespanSec - 1.15 * idealSec) / medianFitSec),
    extra: spread(({ extra }) => extra),
    copies: spread(({ copies }) => copies).median,
    hostsLost: spread((outcome) => outcome.hostsLost).median,
  };
}

/** With and without copies of late units: one nside, about twelve fits for each slot, and a progression with an end for each nside. */
export async function stragglerRows(
  slots: number,
  progression: ScanInputs,
  seeds: readonly number[],
  note: (text: string) => void,
): Promise<ClusterRow[]> {
  const nside = 2 ** Math.round(Math.log2(Math.sqrt(slots)));
  const sky = await clusterInputs([`${nside}:0`], 1);
  const cases = [
    { name: "one nside", inputs: sky, hostSpread: 0.3 },
    { name: "one nside, uneven hosts", inputs: sky, hostSpread: 0.6 },
    { name: "progression", inputs: progression, hostSpread: 0.3 },
  ];
  const rows: ClusterRow[] = [];
  for (const { name, inputs, hostSpread } of cases) {
    for (const speculation of [false, true]) {
      const fixed = {
        ...common,
        inputs,
        hostSpread,
        speculation,
        slots,
        slotsPerHost: 1,
        threshold: 1,
        arrivalSec: 0,
        lostHosts: 0.02,
      };
      rows.push(await rowOf(name, fixed, seeds, note));
    }
  }
  return rows;
}

/** The progression for each predictive scanning threshold; hosts come within ten minutes. */
export async function thresholdRows(
  slotCounts: readonly number[],
  thresholds: readonly number[],
  inputs: ScanInputs,
  seeds: readonly number[],
  note: (text: string) => void,
): Promise<ClusterRow[]> {
  const rows: ClusterRow[] = [];
  for (const slots of slotCounts) {
    // One client for each node, and large nodes where there are many slots.
    const slotsPerHost = Math.min(64, Math.max(1, Math.round(slots / 1000)));
    for (const threshold of thresholds) {
      const fixed = {
        ...common,
        inputs,
        hostSpread: 0.3,
        speculation: true,
        slots,
        slotsPerHost,
        threshold,
        arrivalSec: 600,
        lostHosts: 0.02,
      };
      rows.push(await rowOf("thresholds", fixed, seeds, note));
    }
  }
  return rows;
}

const minutes = (sec: number): string => (sec / 60).toFixed(1);
const range = ({ median, least, most }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
const percents = ({ median, most }: Spread): string => `${(100 * median).toFixed(1)} % (at most ${(100 * most).toFixed(1)} %)`;

export function clusterLines(rows: readonly ClusterRow[]): string[] {
  const header = [
    "case",
    "slots",
    "fits",
    "threshold",
    "copies",
    "makespan min",
    "ideal min",
    "of ideal",
    "beyond 1.15 x, in fits",
    "extra",
  ];
  const cells = rows.map((row) => [
    row.case,
    String(row.slots),
    String(row.units),
    row.threshold.toFixed(1),
    row.speculation ? String(row.copies) : "off",
    minutes(row.makespanSec.median),
    minutes(row.idealSec),
    range(row.ofIdeal, 2),
    range(row.fitsBeyondGoal, 2),
    percents(row.extra),
  ]);
  return alignedLines([header, ...cells]);
}
