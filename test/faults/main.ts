// npm run faults -- [--count N] [--seed S] [--drivers …] [--fault NAME] [--only K] [--jobs J] [--keep]
// Whole scans as real processes, each with faults at seeded moments; docs/faults.md says what is tried and what must hold.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCampaign } from "./campaign.ts";
import type { CampaignOptions } from "./campaign.ts";
import { catalogue } from "./catalogue.ts";
import { drawRuns } from "./draw.ts";
import { faultRows, faultTable } from "./fault-table.ts";
import type { Fault } from "./fault.ts";
import { driverMissing } from "./kept-broker.ts";
import { makeReference } from "./reference.ts";
import type { RunResult } from "./run.ts";
import { driverNames } from "./run-plan.ts";

const usage = `npm run faults -- [options]

  --count N         runs per driver (default 20)
  --seed S          all that is drawn follows from it (default 1)
  --drivers NAMES   comma list of ${driverNames.join(", ")} (default: those that this machine has)
  --fault NAMES     only these faults, comma list
  --only K          only run number K of the ones that seed, drivers and faults give
  --jobs J          runs at the same time (default 2)
  --keep            keep the directories of runs that survived, too

Exit status: 0; 1 when a run did not survive; 2 wrong usage.
`;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

interface Settings {
  readonly count: number;
  readonly seed: number;
  readonly drivers: readonly string[];
  readonly faults: readonly Fault[];
  readonly only: number | undefined;
  readonly jobs: number;
  readonly keep: boolean;
  /** The options that a repetition of one run has to have, too. */
  readonly words: string;
}

class UsageError extends Error {}

function wholeNumber(option: string, value: string, least: number): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < least)
    throw new UsageError(`--${option} ${value} is not allowed: it takes a whole number, ${least} or greater`);
  return number;
}

function listed(option: string, value: string | undefined, allowed: readonly string[]): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const names = value.split(",");
  const unknown = names.filter((name) => !allowed.includes(name));
  if (unknown.length > 0) throw new UsageError(`--${option} ${unknown.join(",")} is not allowed: it takes ${allowed.join(", ")}`);
  return allowed.filter((one) => names.includes(one));
}

/** Undefined when help was asked for. @throws UsageError, or parseArgs' error, that names the option, the value and what is allowed */
function settingsOf(args: string[]): Settings | undefined {
  const { values } = parseArgs({
    args,
    options: {
      count: { type: "string", default: "20" },
      seed: { type: "string", default: "1" },
      drivers: { type: "string" },
      fault: { type: "string" },
      only: { type: "string" },
      jobs: { type: "string", default: "2" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const names = listed(
    "fault",
    values.fault,
    catalogue.map(({ name }) => name),
  );
  const drivers = listed("drivers", values.drivers, driverNames);
  for (const driver of drivers ?? [])
    if (driverMissing(driver) !== undefined) throw new UsageError(`--drivers ${driver}: ${driverMissing(driver)}`);
  const seed = wholeNumber("seed", values.seed, 0);
  return {
    count: wholeNumber("count", values.count, 1),
    seed,
    drivers: drivers ?? driverNames.filter((driver) => driverMissing(driver) === undefined),
    faults: names === undefined ? catalogue : catalogue.filter(({ name }) => names.includes(name)),
    only: values.only === undefined ? undefined : wholeNumber("only", values.only, 0),
    jobs: wholeNumber("jobs", values.jobs, 1),
    keep: values.keep,
    words: `--seed ${seed}${values.fault === undefined ? "" : ` --fault ${values.fault}`}`,
  };
}

function sayResult({ plan, struck, seconds, problems, directory }: RunResult, words: string): void {
  const faults = plan.faults.map(({ name }) => (struck.includes(name) ? name : `(${name})`)).join(", ");
  say(`${problems.length === 0 ? "ok    " : "FAILED"} ${plan.driver} ${plan.number}  ${seconds.toFixed(1)} s  ${faults}`);
  if (problems.length === 0) return;
  for (const problem of problems) say(`       ${problem}`);
  say(`       logs and journal: ${directory}`);
  say(`       again: npm run faults -- --drivers ${plan.driver} ${words} --only ${plan.number} --keep`);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
/** Undisturbed runs before the others of each driver: what the extra time is measured against. */
const undisturbedRuns = 3;

async function runDriver(
  driver: string,
  settings: Settings,
  directory: string,
  signals: Pick<CampaignOptions, "stop" | "breakOff">,
): Promise<readonly RunResult[]> {
  const { only } = settings;
  const reference = await makeReference(join(directory, `${driver}-reference`));
  const drawn = drawRuns(settings.faults, driver, settings.seed, only === undefined ? settings.count : only + 1);
  const plans = only === undefined ? drawn : drawn.slice(only);
  const quiet = drawRuns([], driver, settings.seed, only === undefined ? undisturbedRuns : 1);
  const campaign = { driver, reference, jobs: settings.jobs, keep: settings.keep, ...signals };
  const onResult = (result: RunResult): void => sayResult(result, settings.words);
  const undisturbed = await runCampaign({ ...campaign, plans: quiet, directory: join(directory, "undisturbed"), onResult });
  const undisturbedSec = median(undisturbed.map(({ seconds }) => seconds));
  const results = await runCampaign({ ...campaign, plans, directory, onResult });
  const all = [...undisturbed, ...results];
  const survived = results.filter(({ problems }) => problems.length === 0).length;
  process.stdout.write(
    `\n${driver}: ${survived} of ${results.length} survived; undisturbed ${undisturbedSec.toFixed(1)} s (seed ${settings.seed})\n\n${faultTable(faultRows(settings.faults, results, undisturbedSec))}\n`,
  );
  return all;
}

async function main(): Promise<number> {
  let settings: Settings | undefined;
  try {
    settings = settingsOf(process.argv.slice(2));
  } catch (error) {
    say(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (settings === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const stop = new AbortController();
  const breakOff = new AbortController();
  process.on("SIGINT", () => {
    if (stop.signal.aborted) breakOff.abort();
    else say("no further run is begun; once more: those that run are broken off");
    stop.abort();
  });
  const directory = await mkdtemp(join(tmpdir(), "skyscan-faults-"));
  for (const fault of settings.faults) {
    const why = await fault.missing?.();
    if (why !== undefined) say(`not available here: ${fault.name}: ${why}`);
  }
  const results: RunResult[] = [];
  for (const driver of settings.drivers)
    results.push(...(await runDriver(driver, settings, directory, { stop: stop.signal, breakOff: breakOff.signal })));
  const failed = results.some(({ problems }) => problems.length > 0);
  if (!failed && !settings.keep) await rm(directory, { recursive: true, force: true });
  else say(`\nkept: ${directory}`);
  return failed ? 1 : 0;
}

process.exitCode = await main();
