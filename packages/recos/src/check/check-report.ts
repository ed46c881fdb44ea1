import type { RecoLine } from "../runner/reco-lines.ts";

/** One finding about a reco. A `warning` is about what is only desirable: it does not count against conforming. */
export interface CheckLine {
  readonly status: "ok" | "warning" | "failed";
  readonly rule: string;
  /** Why, and what to do. */
  readonly detail?: string;
}

/** Where findings go, in the order they are made. */
export interface CheckFindings {
  ok(rule: string, detail?: string): void;
  warning(rule: string, detail: string): void;
  failed(rule: string, detail: string): void;
}

/** A reco's answer to a unit. */
export type Answer = Extract<RecoLine, { type: "result" | "error" }>;

/** Says about an answer what people want to see. */
export const describeAnswer = (answer: Answer): string =>
  answer.type === "result" ? `llh ${answer.result.llh}` : `error ${answer.code}: ${answer.message}`;

/** Desirable: the same unit gives the same answer, whatever came before it. */
export function compareAnswers(findings: CheckFindings, first: Answer | undefined, again: Answer | undefined): void {
  const rule = "gives the same answer to the same unit";
  if (first === undefined || again === undefined) return;
  if (JSON.stringify(first) === JSON.stringify(again)) return findings.ok(rule);
  findings.warning(rule, `first ${describeAnswer(first)}, later ${describeAnswer(again)}: scans cannot be repeated exactly`);
}
