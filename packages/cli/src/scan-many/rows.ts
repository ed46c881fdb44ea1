import type { ProgressSnapshot } from "@skyscan/server";
import { formatDuration } from "@skyscan/server";

export type ManyState = "waiting" | "starting" | "scanning" | "done" | "skipped" | "partial" | "stopped" | "failed";

/** Where one event of many is. */
export interface ManyRow {
  readonly name: string;
  state: ManyState;
  snapshot: Pick<ProgressSnapshot, "finalUnits" | "predictedUnits" | "secondsLeft" | "workersAlive" | "phase"> | undefined;
  /** The best fit so far, or of before. */
  best?: ProgressSnapshot["best"];
  /** What went wrong. */
  why?: string;
}

export const isRunning = ({ state }: ManyRow): boolean => state === "starting" || state === "scanning";
const isOver = ({ state }: ManyRow): boolean => !isRunning({ state } as ManyRow) && state !== "waiting";

const percentOf = ({ state, snapshot }: ManyRow): string => {
  if (state === "done" || state === "skipped") return "100.0 %";
  if (snapshot === undefined || snapshot.predictedUnits === 0) return "-";
  return `${((100 * snapshot.finalUnits) / snapshot.predictedUnits).toFixed(1)} %`;
};

const bestOf = ({ best }: ManyRow): string => {
  return best === undefined ? "-" : `RA ${best.raDeg.toFixed(2)} dec ${best.decDeg.toFixed(2)} llh ${best.llh.toFixed(2)}`;
};

const leftOf = (row: ManyRow): string => {
  if (!isRunning(row) || row.snapshot === undefined) return "-";
  if (row.snapshot.workersAlive === 0) return "no client";
  return row.snapshot.secondsLeft === undefined ? "-" : formatDuration(row.snapshot.secondsLeft);
};

export const rowCells = (row: ManyRow): readonly string[] => [
  row.name,
  row.state === "scanning" ? (row.snapshot?.phase ?? row.state) : row.state,
  percentOf(row),
  leftOf(row),
  bestOf(row),
];

const head: readonly string[] = ["event", "state", "done", "left", "best fit"];

/** A table with columns as wide as what is in them. */
export function tableLines(rows: readonly ManyRow[]): readonly string[] {
  const cells = [head, ...rows.map(rowCells)];
  const widths = head.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}

/** `3 of 20 events done, 4 running, 13 waiting`. */
export function summaryLine(rows: readonly ManyRow[]): string {
  const count = (...states: readonly ManyState[]): number => rows.filter(({ state }) => states.includes(state)).length;
  const parts = [
    [count("starting", "scanning"), "running"],
    [count("waiting"), "waiting"],
    [count("partial"), "partial"],
    [count("stopped"), "stopped"],
    [count("failed"), "failed"],
  ] as const;
  const rest = parts.filter(([many]) => many > 0).map(([many, word]) => `${many} ${word}`);
  return [`${count("done", "skipped")} of ${rows.length} events done`, ...rest].join(", ");
}

/** Those that fit on a screen: what runs, what went wrong, what ended last, what is next. */
export function shownRows(rows: readonly ManyRow[], most: number): readonly ManyRow[] {
  if (rows.length <= most) return rows;
  const rank = (row: ManyRow): number => (isRunning(row) ? 0 : row.state === "failed" ? 1 : isOver(row) ? 3 : 2);
  const chosen = new Set([...rows].sort((a, b) => rank(a) - rank(b)).slice(0, Math.max(most, 1)));
  return rows.filter((row) => chosen.has(row));
}
