import { join } from "node:path";
import { compareAnswers, describeAnswer } from "./check-report.ts";
import type { Answer, CheckFindings } from "./check-report.ts";
import { oddUnits, plainUnits } from "./check-units.ts";
import { protocolGrace } from "../process/grace.ts";
import { prepareLaunch } from "../process/launch.ts";
import { chooseFormat } from "../oneshot/choose-format.ts";
import { jsonAnswer } from "../oneshot/json-format.ts";
import type { OneshotAnswer } from "../oneshot/oneshot-format.ts";
import { oneshotOutcome } from "../oneshot/oneshot-outcome.ts";
import { oneshotFiles, runOneshot } from "../oneshot/oneshot.ts";
import type { OrphanGuard } from "../process/orphan-guard.ts";
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

/** An infile that a reco has to take, and how its answer is read. */
interface Question {
  /** What a reco that answers it keeps to. */
  readonly rule: string;
  readonly infile: string;
  readonly answer: (outfile: string) => OneshotAnswer;
}

/** What a reco of this manifest is asked: of the format icetray only usual units, since its infile has no room for others. */
async function questionsOf(runner: RunnerOptions, units: readonly RunnerUnit[], limitSec: number): Promise<readonly Question[]> {
  if (runner.reco.manifest.run.format === "icetray") {
    const format = await chooseFormat(runner);
    return units.map((unit) => ({
      rule: `answers unit ${unit.unit}`,
      infile: format.infile(unit, limitSec),
      answer: (outfile) => format.answer(unit, outfile),
    }));
  }
  const odd = units[0] === undefined ? [] : oddUnits(units[0], limitSec);
  return [...plainUnits(units, limitSec), ...odd].map(({ rule, unit, line }) => ({
    rule,
    infile: line,
    answer: (outfile) => jsonAnswer(unit, outfile),
  }));
}

/** Plays the engine's side against a oneshot reco: sections 2 and 4, rule by rule. */
export async function checkOneshot(options: OneshotCheckOptions): Promise<void> {
  const { runner, units, findings } = options;
  const limitSec = unitLimitSec(runner);

  const ask = async ({ rule, infile, answer }: Question): Promise<Answer | undefined> => {
    options.signal.throwIfAborted();
    const files = await oneshotFiles(join(options.fileDirectory, "unit"));
    const ended = await runOneshot({
      launch: await prepareLaunch(runner, options.scratch, files, options.signal),
      scratch: options.scratch,
      files,
      infile,
      limitMs: timerMs(limitSec),
      keepLogs: false,
      grace: runner.grace ?? protocolGrace,
      guard: options.guard,
      signal: options.signal,
    });
    const outcome = oneshotOutcome(answer, ended, limitSec);
    const said = ended.outfile.text === undefined ? undefined : answer(ended.outfile.text);
    if (outcome.kind !== "cancelled" && said !== undefined && said.type !== "bad") {
      findings.ok(rule, describeAnswer(said));
      return said;
    }
    const log = ended.logTail.trimEnd();
    const why = outcome.kind === "failure" ? `${outcome.code}: ${outcome.message}` : outcome.kind;
    findings.failed(rule, `${why}${log === "" ? "" : `; its log ends: ${log.slice(-1000)}`}`);
    return undefined;
  };

  const questions = await questionsOf(runner, units, limitSec);
  const [usual, ...others] = questions;
  if (usual === undefined) return;
  const first = await ask(usual);
  for (const question of others) await ask(question);
  compareAnswers(findings, first, await ask({ ...usual, rule: "answers a unit that it had before" }));
}
