import { join } from "node:path";
import { compareAnswers, describeAnswer } from "./check-report.ts";
import type { Answer, CheckFindings } from "./check-report.ts";
import { oddUnits, plainUnits } from "./check-units.ts";
import type { CheckUnit } from "./check-units.ts";
import { protocolGrace } from "../process/grace.ts";
import { prepareLaunch } from "../process/launch.ts";
import { oneshotOutcome } from "../oneshot/oneshot-outcome.ts";
import { oneshotFiles, runOneshot } from "../oneshot/oneshot.ts";
import type { OrphanGuard } from "../process/orphan-guard.ts";
import { parseRecoLine } from "../runner/reco-lines.ts";
import { timerMs, unitLimitSec } from "../process/runner-options.ts";
import type { RunnerOptions } from "../process/runner-options.ts";
import type { RunnerUnit } from "../runner/runner.ts";

export interface OneshotCheckOptions {
  readonly runner: RunnerOptions;
  readonly units: readonly RunnerUnit[];
  readonly scratch: string;
  /** Where infile and outfile are put. */
  readonly fileDirectory: string;
  readonly guard: OrphanGuard;
  readonly findings: CheckFindings;
  readonly signal: AbortSignal;
}

/** Plays the engine's side against a oneshot reco: sections 2 and 4, rule by rule. */
export async function checkOneshot(options: OneshotCheckOptions): Promise<void> {
  const { runner, units, findings } = options;
  const limitSec = unitLimitSec(runner);
  const base = units[0];
  if (base === undefined) return;

  const ask = async ({ rule, unit, line }: CheckUnit): Promise<Answer | undefined> => {
    options.signal.throwIfAborted();
    const files = await oneshotFiles(join(options.fileDirectory, "unit"));
    const ended = await runOneshot({
      launch: await prepareLaunch(runner, options.scratch, files),
      scratch: options.scratch,
      files,
      infile: line,
      limitMs: timerMs(limitSec),
      keepLogs: false,
      grace: runner.grace ?? protocolGrace,
      guard: options.guard,
      signal: options.signal,
    });
    const outcome = oneshotOutcome(unit, ended, limitSec);
    const answer = ended.outfile.text === undefined ? undefined : parseRecoLine(ended.outfile.text);
    if (outcome.kind !== "cancelled" && (answer?.type === "result" || answer?.type === "error") && answer.unit === unit) {
      findings.ok(rule, describeAnswer(answer));
      return answer;
    }
    const log = ended.logTail.trimEnd();
    const why = outcome.kind === "failure" ? `${outcome.code}: ${outcome.message}` : outcome.kind;
    findings.failed(rule, `${why}${log === "" ? "" : `; its log ends: ${log.slice(-1000)}`}`);
    return undefined;
  };

  const plain = plainUnits(units, limitSec);
  let first: Answer | undefined;
  for (const unit of plain) {
    const answer = await ask(unit);
    first ??= answer;
  }
  for (const unit of oddUnits(base, limitSec)) await ask(unit);
  compareAnswers(findings, first, await ask({ ...plain[0]!, rule: "answers a unit that it had before" }));
}
