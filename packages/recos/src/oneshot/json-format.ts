import { parseRecoLine, unitLine } from "../runner/reco-lines.ts";
import type { OneshotAnswer, OneshotFormat } from "./oneshot-format.ts";

/** Reads an outfile of the format `json`. `unit` is opaque. */
export function jsonAnswer(unit: string, outfile: string): OneshotAnswer {
  const line = parseRecoLine(outfile);
  switch (line.type) {
    case "bad":
      return { type: "bad", why: `the outfile is ${line.why}` };
    case "ready":
    case "progress":
      return { type: "bad", why: `the outfile holds "${line.type}", not a result or an error` };
    case "result":
    case "error":
      return line.unit === unit ? line : { type: "bad", why: `the outfile is for unit ${JSON.stringify(line.unit)}` };
  }
}

/** Format `json`: the objects that mode stream has as lines. */
export const jsonFormat: OneshotFormat = { infile: unitLine, answer: ({ unit }, outfile) => jsonAnswer(unit, outfile) };
