import type { Fault } from "./fault.ts";
import type { RunResult } from "./run.ts";

/** What a fault did to the runs in which it struck. */
export interface FaultRow {
  readonly name: string;
  readonly what: string;
  readonly tried: number;
  readonly survived: number;
  /** Mean time beyond the undisturbed scan of the runs that it struck alone, seconds; of all that it struck, when it never was alone. */
  readonly extraSec: number | undefined;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export function faultRows(
  catalogue: readonly Fault[],
  results: readonly RunResult[],
  undisturbedSec: number,
): readonly FaultRow[] {
  return catalogue.map(({ name, what }) => {
    const struck = results.filter((result) => result.struck.includes(name));
    const survived = struck.filter((result) => result.problems.length === 0);
    const alone = survived.filter((result) => result.plan.faults.length === 1);
    const timed = (alone.length > 0 ? alone : survived).map((result) => result.seconds - undisturbedSec);
    return { name, what, tried: struck.length, survived: survived.length, extraSec: timed.length > 0 ? mean(timed) : undefined };
  });
}

/** As Markdown, so that it can stand in the docs as it is. */
export function faultTable(rows: readonly FaultRow[]): string {
  const lines = rows
    .filter(({ tried }) => tried > 0)
    .map(
      ({ name, what, tried, survived, extraSec }) =>
        `| \`${name}\` | ${what} | ${tried} | ${survived} | ${extraSec === undefined ? "–" : extraSec.toFixed(1)} |`,
    );
  return ["| fault | what is done | tried | survived | extra time, s |", "|---|---|---|---|---|", ...lines].join("\n");
}
