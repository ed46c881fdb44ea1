import type { BadLine, RecoLine } from "../runner/reco-lines.ts";
import type { RunnerUnit } from "../runner/runner.ts";

/** What an outfile says: the answer to the unit, or why it is none. */
export type OneshotAnswer = Extract<RecoLine, { type: "result" | "error" }> | BadLine;

/** How a unit is written into an infile, and its answer read from an outfile. */
export interface OneshotFormat {
  readonly infile: (unit: RunnerUnit, limitSec: number) => string;
  readonly answer: (unit: RunnerUnit, outfile: string) => OneshotAnswer;
}
