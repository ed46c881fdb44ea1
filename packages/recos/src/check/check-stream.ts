import { messageOf } from "@skyscan/runtime";
import { compareAnswers, describeAnswer } from "./check-report.ts";
import type { Answer, CheckFindings } from "./check-report.ts";
import { startTalk } from "./check-talk.ts";
import type { Said, Talk } from "./check-talk.ts";
import { oddUnits, plainUnits } from "./check-units.ts";
import type { CheckUnit } from "./check-units.ts";
import { RecoError } from "../manifest/errors.ts";
import { protocolGrace } from "../process/grace.ts";
import { prepareLaunch } from "../process/launch.ts";
import type { OrphanGuard } from "../process/orphan-guard.ts";
import { readyProblem, startLine } from "../runner/reco-lines.ts";
import { describeEnd } from "../process/reco-process.ts";
import { timerMs, unitLimitSec } from "../process/runner-options.ts";
import type { RunnerOptions } from "../process/runner-options.ts";
import type { RunnerUnit } from "../runner/runner.ts";

/** A reco that hangs is not waited for again and again. */
const maxSilences = 2;
/** How long it is waited for a reco to refuse a protocol, milliseconds. */
const refusalMs = 10_000;

export interface StreamCheckOptions {
  readonly runner: RunnerOptions;
  readonly units: readonly RunnerUnit[];
  readonly scratch: string;
  readonly guard: OrphanGuard;
  readonly findings: CheckFindings;
  readonly signal: AbortSignal;
}

/** Plays the engine's side against a stream reco: sections 2 and 3, rule by rule. */
export async function checkStream(options: StreamCheckOptions): Promise<void> {
  const { runner, findings, units } = options;
  const { manifest } = runner.reco;
  const limitSec = unitLimitSec(runner);
  let talk: Talk | undefined;
  let silences = 0;
  const current = (): Talk | undefined => talk;

  const open = async (): Promise<Talk> => {
    if (silences > maxSilences)
      throw new RecoError("start-failed", `not tried any more after ${silences} units without an answer`);
    return startTalk({
      launch: await prepareLaunch(runner, options.scratch, {}, options.signal),
      scratch: options.scratch,
      guard: options.guard,
      grace: runner.grace ?? protocolGrace,
      signal: options.signal,
    });
  };
  const start = async (rule: string): Promise<Talk | undefined> => {
    const fresh = await open();
    fresh.say(startLine({ startup: runner.startupPath, slot: runner.slot, scratch: options.scratch }));
    const said = await fresh.hear(timerMs(manifest.startTimeoutSec));
    const problem = said.type === "ready" ? readyProblem(said, manifest) : unexpected(said, "ready", manifest.startTimeoutSec);
    if (problem === undefined) {
      findings.ok(rule);
      return fresh;
    }
    await fresh.stop();
    findings.failed(rule, `${problem}${logEnd(fresh)}`);
    return undefined;
  };
  /** The answers to lines that are sent at once; a process that breaks a rule is ended, and the next rule gets a fresh one. */
  const ask = async (rule: string, wanted: readonly CheckUnit[], before = ""): Promise<ReadonlyMap<string, Answer>> => {
    const answers = new Map<string, Answer>();
    talk ??= await start("can be started again");
    if (talk === undefined) return answers;
    talk.say(before + wanted.map(({ line }) => line).join(""));
    const open = new Set(wanted.map(({ unit }) => unit));
    const deadlineMs = performance.now() + timerMs(limitSec);
    while (open.size > 0) {
      const said = await talk.hear(Math.max(0, deadlineMs - performance.now()));
      if (said.type === "progress") continue;
      if ((said.type === "result" || said.type === "error") && open.delete(said.unit)) {
        answers.set(said.unit, said);
        continue;
      }
      findings.failed(rule, `${unexpected(said, "a result or an error for the unit", limitSec)}${logEnd(talk)}`);
      if (said.type === "silent") silences += 1;
      await talk.stop();
      talk = undefined;
      return answers;
    }
    findings.ok(rule, [...answers.values()].map(describeAnswer).join("; "));
    return answers;
  };
  const askOne = async (unit: CheckUnit, before?: string): Promise<Answer | undefined> =>
    (await ask(unit.rule, [unit], before)).get(unit.unit);

  talk = await start(`says ready, as ${manifest.name} ${manifest.version}, within ${manifest.startTimeoutSec} s`);
  const base = units[0];
  if (talk === undefined || base === undefined) return;
  const plain = plainUnits(units, limitSec);
  let first: Answer | undefined;
  for (const unit of plain) {
    const answer = await askOne(unit);
    first ??= answer;
  }
  for (const unit of oddUnits(base, limitSec)) await askOne(unit);
  const again = plain[0]!;
  await askOne({ ...again, rule: "ignores lines of unknown type" }, `${JSON.stringify({ type: "x-check", unit: base.unit })}\n`);
  compareAnswers(findings, first, await askOne({ ...again, rule: "answers a unit that it had before" }));
  if (manifest.run.inFlight > 1) await ask(`takes ${manifest.run.inFlight} units at once`, inFlightUnits(options, limitSec));
  const last = current();
  if (last !== undefined) await checkEnd(last, findings);
  await checkForeignProtocol(await open(), options);
}

function inFlightUnits({ units, runner }: StreamCheckOptions, limitSec: number): readonly CheckUnit[] {
  const many = Array.from({ length: runner.reco.manifest.run.inFlight }, (_, index) => {
    const unit = units[index % units.length]!;
    return { ...unit, unit: `${unit.unit} copy ${index}` };
  });
  return plainUnits(many, limitSec);
}

/** End of stdin: status 0 within 10 s, and nothing more said. */
async function checkEnd(talk: Talk, findings: CheckFindings): Promise<void> {
  const rule = "leaves with status 0 within 10 s of the end of stdin";
  const end = await talk.leave();
  const said = await talk.hear(0);
  if (said.type === "ended" || said.type === "silent") findings.ok("gives exactly one reply per unit");
  else findings.failed("gives exactly one reply per unit", `after all units were answered: ${unexpected(said, "nothing", 0)}`);
  if (end?.status === 0) findings.ok(rule);
  else findings.failed(rule, `${end === undefined ? "it was still there" : `it ${describeEnd(end)}`}${logEnd(talk)}`);
}

/** A reco that does not speak the protocol of `start` says so and leaves; one that goes on works today, and not with a later engine. */
async function checkForeignProtocol(talk: Talk, { runner, scratch, findings }: StreamCheckOptions): Promise<void> {
  const rule = "refuses a protocol that it does not speak (non-zero status, the reason on stderr)";
  const known = JSON.parse(startLine({ startup: runner.startupPath, slot: runner.slot, scratch })) as Record<string, unknown>;
  talk.say(`${JSON.stringify({ ...known, protocol: 999 })}\n`);
  const said = await talk.hear(Math.min(refusalMs, timerMs(runner.reco.manifest.startTimeoutSec)));
  await talk.stop().catch((error: unknown) => findings.warning(rule, messageOf(error)));
  if (said.type !== "ended") findings.warning(rule, `to protocol 999 it gave ${said.type}`);
  else if (said.end.status === 0) findings.warning(rule, "to protocol 999 it ended with status 0");
  else if (talk.stderrTail().trim() === "") findings.warning(rule, `it ${describeEnd(said.end)} and gave no reason on stderr`);
  else findings.ok(rule);
}

/** What came instead of what was wanted. */
function unexpected(said: Said, wanted: string, limitSec: number): string {
  switch (said.type) {
    case "bad":
      return `its stdout: ${said.why}`;
    case "silent":
      return `no answer within ${limitSec} s`;
    case "ended":
      return `it ${describeEnd(said.end)}`;
    case "ready":
      return `it said ready instead of ${wanted}`;
    case "result":
    case "error":
    case "progress":
      return `it said ${said.type} for unit ${JSON.stringify(said.unit)} instead of ${wanted}`;
  }
}

function logEnd(talk: Talk): string {
  const log = talk.stderrTail().trimEnd();
  return log === "" ? "" : `; its stderr ends: ${log.slice(-1000)}`;
}
