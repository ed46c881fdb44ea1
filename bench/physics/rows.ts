import { alignedLines, shown } from "../report.ts";

/** One figure: what was reached, and what is required of it. */
export interface Row {
  readonly case: string;
  readonly what: string;
  readonly reached: number | null;
  readonly unit: string;
  /** Inclusive bounds; none: reported only. */
  readonly atLeast?: number;
  readonly atMost?: number;
  /** How many events, pixels or fits the figure is made of. */
  readonly count?: number;
  /** Null where nothing is required, or too little was measured to say. */
  readonly ok: boolean | null;
  readonly note?: string;
}

/** A row that judges itself. `decisive` false: the bounds are shown, but too little was measured for them. */
export function row(given: Omit<Row, "ok">, decisive = true): Row {
  const { reached, atLeast, atMost } = given;
  if ((atLeast === undefined && atMost === undefined) || !decisive) return { ...given, ok: null };
  return { ...given, ok: reached !== null && reached >= (atLeast ?? -Infinity) && reached <= (atMost ?? Infinity) };
}

function required({ atLeast, atMost, unit }: Row): string {
  if (atLeast !== undefined && atMost !== undefined) return `${shown(atLeast)} to ${shown(atMost)} ${unit}`;
  if (atLeast !== undefined) return `>= ${shown(atLeast)} ${unit}`;
  return atMost !== undefined ? `<= ${shown(atMost)} ${unit}` : "-";
}

/** The lines of a table: case, figure, reached, required, verdict. */
export function table(rows: readonly Row[]): string[] {
  const verdict = (one: Row): string => (one.ok === null ? "" : one.ok ? "ok" : "NOT REACHED");
  const cells = [
    ["case", "figure", "reached", "required", "of", ""],
    ...rows.map((one) => [
      one.case,
      one.what,
      one.reached === null ? "-" : `${shown(one.reached)} ${one.unit}`,
      required(one),
      one.count === undefined ? "" : String(one.count),
      [verdict(one), one.note ?? ""].filter((text) => text !== "").join("  "),
    ]),
  ];
  return alignedLines(cells);
}
