import type { Draws } from "./draws.ts";

/** A class whose errors a parser may throw. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type ErrorClass = abstract new (...words: any[]) => Error;

/** A parser that sees foreign bytes. */
export interface Target {
  readonly name: string;
  /** What may be thrown, of the parser's family; empty: nothing at all. */
  readonly errors: readonly ErrorClass[];
  /** Valid inputs, and handmade ones that ask for too much; made anew in each process, never kept. */
  corpus(): readonly Uint8Array[];
  /** Mutates what lies inside a sample (payload, tree, checksummed content) and closes it again. Undefined: it is none of that kind. */
  readonly inside?: (sample: Uint8Array, draws: Draws) => Uint8Array | undefined;
  /** Throws when it refuses. */
  parse(bytes: Uint8Array): unknown;
}

/** Parsers that throw nothing say what is wrong; a target throws this instead, to be counted as refused. */
export class Refused extends Error {}
