import { join, resolve } from "node:path";
import type { Argv } from "yargs";
import { writeMoreScans } from "@skyscan/protocol";
import { containerSettingTable } from "@skyscan/recos/settings";
import { serverSettingTable } from "@skyscan/server/settings";
import { UsageError, makeFlagDirectory, readSettings, tryProcessLock } from "@skyscan/runtime";
import { serverBroker } from "../broker-settings.ts";
import { flagWords } from "../flag-words.ts";
import { startLocalClients } from "../local-clients.ts";
import type { Command } from "../process.ts";
import { findEvents } from "../scan-many/events.ts";
import { startLiveTable } from "../scan-many/live-table.ts";
import { isRunning, rowCells, summaryLine, tableLines } from "../scan-many/rows.ts";
import type { ManyRow } from "../scan-many/rows.ts";
import { runEvents } from "../scan-many/run-events.ts";
import type { EventEnds } from "../scan-many/run-events.ts";
import { scanRequest, sharedServerFlags } from "./server.ts";
import type { ServerArguments } from "./server.ts";

export interface ScanManyArguments extends Omit<ServerArguments, "eventFile" | "clientStartupJson"> {
  readonly eventFiles: readonly string[];
  readonly clientStartupDir: string;
  readonly parallel: number;
  readonly clients: number;
  readonly skipDone: boolean;
}

export const scanManyFlags = <T>(yargs: Argv<T>): Argv<T> =>
  sharedServerFlags(
    yargs
      .option("event-files", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "event files (.json or .pkl), or patterns of them: 'events/*.json'",
      })
      .option("parallel", { alias: "P", type: "number", default: 4, describe: "servers at the same time" })
      .option("client-startup-dir", {
        type: "string",
        default: "./client-startup",
        describe: "the scans' startup files, for clients that serve them all",
      })
      .option("clients", { type: "number", default: 0, describe: "local clients for all scans, one slot each" })
      .option("skip-done", {
        type: "boolean",
        default: false,
        describe: "leave out what was completed with the same flags (default: its result is written again)",
      }),
  )
    .option("cache-dir", {
      alias: "c",
      type: "string",
      default: "./skyscan-cache",
      describe: "a directory in it for each event holds its journal: the same command again resumes all",
    })
    .option("output-dir", { alias: "o", type: "string", default: ".", describe: "a directory in it for each event" });

/** @throws UsageError with every problem. */
function checkFlags(args: ScanManyArguments): void {
  const problems: string[] = [];
  const { parallel, clients, metricsPort } = args;
  if (!Number.isSafeInteger(parallel) || parallel < 1)
    problems.push(`--parallel ${parallel} is not allowed: it takes a whole number from 1`);
  if (!Number.isSafeInteger(clients) || clients < 0)
    problems.push(`--clients ${clients} is not allowed: it takes a whole number, 0 or greater`);
  if (metricsPort !== undefined && metricsPort !== 0)
    problems.push(
      `--metrics-port ${metricsPort} is not allowed: several servers cannot share a port; 0 is any free one for each`,
    );
  if (/:0*[1-9]\d*$/.test(args.listen))
    problems.push(`--listen ${args.listen} is not allowed: several servers cannot share a port; give HOST:0`);
  const { scanId } = readSettings(serverSettingTable, problems);
  if (scanId !== undefined)
    problems.push(`SKYSCAN_SKYDRIVER_SCAN_ID=${scanId} is not allowed: it names one scan, and there are several; unset it`);
  readSettings(containerSettingTable, problems);
  if (problems.length > 0) throw new UsageError(problems);
  scanRequest({ ...args, eventFile: "", clientStartupJson: "" });
  serverBroker();
}

/** What every server gets besides its event's places, by the names of `skyscan server`. */
function serverWords(args: ScanManyArguments): readonly string[] {
  const { recoAlgo, gcdDir, geometry, nsides, predictiveScanningThreshold, realEvent, simulatedEvent } = args;
  const { maxAttempts, seed, recoOption, recoPath, container, listen, tlsCert, tlsKey, metricsPort, metricsHost } = args;
  return [
    ...flagWords({ recoAlgo, gcdDir, geometry, nsides, predictiveScanningThreshold, realEvent, simulatedEvent }),
    ...flagWords({ maxAttempts, seed, recoOption, recoPath, container, listen, tlsCert, tlsKey, metricsPort, metricsHost }),
    ...flagWords({ resume: args.resume, discard: args.discard, insecure: args.insecure, takeOver: args.takeOver }),
  ];
}

/** 0 when all are complete, 5 when it was stopped, else the status of the first event that is not. */
function overallStatus(ends: EventEnds, stopped: boolean): number {
  if (ends.every((status) => status === 0)) return 0;
  if (stopped) return 5;
  return ends.find((status) => status !== 0) ?? 1;
}

export const scanMany: Command<ScanManyArguments> = async (args, context) => {
  checkFlags(args);
  const { logger, signal } = context;
  const { events, truths } = await findEvents(args);
  if (truths.length > 0) logger.info({ files: truths }, "left out: the truth of simulated events that are scanned is no event");
  const cacheDir = resolve(args.cacheDir);
  const startupDir = resolve(args.clientStartupDir);
  await makeFlagDirectory("--cache-dir", cacheDir);
  await makeFlagDirectory("--output-dir", resolve(args.outputDir));
  await makeFlagDirectory("--client-startup-dir", startupDir);
  const lock = await tryProcessLock(join(cacheDir, "scan-many.lock"), () => args.takeOver);
  if (lock?.kind !== "taken") {
    const holder = lock === undefined ? "" : ` (process ${lock.holder.pid} on ${lock.holder.host})`;
    throw new UsageError(
      `another scan-many${holder} runs on --cache-dir ${args.cacheDir}: wait for it, or give another directory`,
    );
  }
  await writeMoreScans(startupDir, true);
  const rows = events.map(({ name }): ManyRow => ({ name, state: "waiting", snapshot: undefined }));
  logger.info(
    { events: events.length, parallel: args.parallel, startupDir },
    "clients of all scans take this directory as --client-startup-json",
  );
  const local =
    args.clients === 0
      ? undefined
      : startLocalClients({
          startupPath: startupDir,
          clients: args.clients,
          recoPath: args.recoPath,
          container: args.container,
          logger,
        });
  const table = startLiveTable(rows);
  const { progressIntervalSec } = readSettings(serverSettingTable, []);
  const timer = setInterval(() => {
    for (const row of rows) if (isRunning(row)) logger.info({ event: row.name }, rowCells(row).join(", "));
    logger.info({}, summaryLine(rows));
  }, progressIntervalSec * 1000);
  let ends: EventEnds;
  try {
    const { parallel, skipDone } = args;
    const words = serverWords(args);
    ends = await runEvents({ events, rows, words, parallel, skipDone, logger, signal, force: context.force });
  } finally {
    clearInterval(timer);
    table?.stop();
    // Who stopped it means to go on: clients elsewhere wait for that.
    if (!signal.aborted) await writeMoreScans(startupDir, false);
    await local?.stop(!signal.aborted);
    await lock.release();
  }
  for (const line of tableLines(rows)) context.print(line);
  for (const { name, why, state } of rows) if (why !== undefined) context.complain(`${name}: ${state}: ${why}`);
  context.complain(summaryLine(rows));
  if (signal.aborted) context.complain("stopped by a signal: this is safe, the same command goes on where it stopped");
  return overallStatus(ends, signal.aborted);
};
