import { availableParallelism, cpus, totalmem } from "node:os";

/** What a benchmark ran on; figures of two machines are not comparable without it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly platform: string;
}

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
});

/** Three digits, or two behind the point, without zeros that say nothing. */
export const shown = (value: number): string => String(Number(Math.abs(value) >= 100 ? value.toFixed(2) : value.toPrecision(3)));

/** Lines of cells, the header first, with their columns aligned. */
export function alignedLines(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").trim().length)));
  return lines.map((line) =>
    line
      .map((text, column) => text.trim().padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}

/** The middle one and the extremes of repeated measurements: one alone says little. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** @throws RangeError without any value */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const least = sorted[0];
  const most = sorted.at(-1);
  if (least === undefined || most === undefined) throw new RangeError("the spread of no values");
  const upper = sorted[sorted.length >> 1]!;
  const median = sorted.length % 2 === 1 ? upper : (sorted[(sorted.length >> 1) - 1]! + upper) / 2;
  return { median, least, most };
}

function machineLine(): string {
  const { cpu, cores, memoryGiB, node, platform } = machine();
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, ${platform}`;
}

/** Prints on stdout what every benchmark prints: one JSON object, or the machine and the lines. */
export function printReport(report: {
  readonly json: boolean;
  readonly rows: readonly object[];
  readonly lines: () => readonly string[];
}): void {
  const text = report.json
    ? JSON.stringify({ machine: machine(), rows: report.rows })
    : [machineLine(), ...report.lines()].join("\n");
  process.stdout.write(`${text}\n`);
}
