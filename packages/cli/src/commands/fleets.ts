import { resolve } from "node:path";
import type { Argv } from "yargs";
import { describeFleet, fleetStatus, fleetsOfStartup, readFleetRecord, runCommand, stopFleet } from "@skyscan/launcher";
import type { FleetRecord, LaunchContext } from "@skyscan/launcher";
import { UsageError, messageOf } from "@skyscan/runtime";
import type { Command, CommandContext } from "../process.ts";
import { describeWorkers } from "../status/describe-manifest.ts";
import { openBrokerStatus } from "../status/over-broker.ts";

export interface FleetsArguments {
  readonly fleets: readonly string[] | undefined;
  readonly clientStartupJson: string;
  readonly json: boolean;
}

export const fleetsFlags = <T>(yargs: Argv<T>): Argv<T> =>
  yargs
    .positional("fleets", {
      type: "string",
      array: true,
      describe: "directories that start-clients made (default: those of the startup file)",
    })
    .option("client-startup-json", {
      type: "string",
      default: "./client-startup.json",
      describe: "whose fleets, when no directory is given",
    });

/** @throws UsageError when there is none. */
async function recordsOf(args: FleetsArguments): Promise<readonly FleetRecord[]> {
  const given = args.fleets ?? [];
  const directories =
    given.length > 0 ? given.map((path) => resolve(path)) : await fleetsOfStartup(resolve(args.clientStartupJson));
  if (directories.length === 0)
    throw new UsageError(
      `no clients were started for --client-startup-json ${args.clientStartupJson}: name it, or the directory that start-clients told`,
    );
  return Promise.all(directories.map(readFleetRecord));
}

const launchContext = ({ logger, signal, force }: CommandContext): LaunchContext => ({ run: runCommand, logger, signal, force });

export const fleetsStatus: Command<FleetsArguments> = async (args, context) => {
  const records = await recordsOf(args);
  const fleets = [];
  for (const record of records) fleets.push({ record, clients: await fleetStatus(record, launchContext(context)) });
  if (args.json) {
    context.print(JSON.stringify(fleets, null, 2));
    return 0;
  }
  for (const { record, clients } of fleets) context.print(describeFleet(record, clients).join("\n"));
  const startup = new Set(records.flatMap((record) => record.startup));
  for (const path of startup) for (const line of await whatServerKnows(path, context)) context.print(line);
  return 0;
};

/** How long a server may take to answer. */
const answerMs = 10_000;

/** The batch system knows jobs, the server knows hosts: which failed, who was told to leave, and why. */
async function whatServerKnows(startupPath: string, { logger }: CommandContext): Promise<readonly string[]> {
  try {
    const broker = await openBrokerStatus(startupPath, logger);
    try {
      const manifest = await broker.ask(answerMs);
      return manifest === undefined ? [`server     that of ${broker.scanId} does not answer`] : describeWorkers(manifest);
    } finally {
      await broker.close();
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [`server     ${messageOf(error)}`];
  }
}

export const fleetsStop: Command<FleetsArguments> = async (args, context) => {
  for (const record of await recordsOf(args)) context.print(await stopFleet(record, launchContext(context)));
  return 0;
};
