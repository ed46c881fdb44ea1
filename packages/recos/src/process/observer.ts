import type { ProcessEnd } from "./reco-process.ts";

/** Sees everything that goes between the engine and a reco; for `skyscan recos run`. */
export interface RunnerObserver {
  started?(about: { readonly argv: readonly string[]; readonly pid: number; readonly cwd: string }): void;
  /** A line to stdin, or the infile. */
  sent?(line: string): void;
  /** A line of stdout, or the outfile. */
  received?(line: string): void;
  stderr?(chunk: Buffer): void;
  ended?(end: ProcessEnd): void;
}
