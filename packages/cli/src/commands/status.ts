import type { Argv } from "yargs";
import { askStatus, findScans, readUnitHistory } from "@skyscan/server";
import type { FoundScan } from "@skyscan/server";
import { durationRule, parseSeconds } from "@skyscan/launcher";
import { UsageError, pause } from "@skyscan/runtime";
import { describeManifest, isOver } from "../status/describe-manifest.ts";
import { describeFinishIn } from "../status/finish-in.ts";
import { describeUnit } from "../status/describe-unit.ts";
import type { LiveUnit } from "../status/describe-unit.ts";
import { findManifestFile } from "../status/manifest-files.ts";
import { openBrokerStatus } from "../status/over-broker.ts";
import type { Command, CommandContext } from "../process.ts";

export interface StatusArguments {
  readonly cacheDir: string;
  readonly outputDir: string;
  readonly clientStartupJson: string | undefined;
  readonly scanId: string | undefined;
  readonly watch: boolean;
  readonly json: boolean;
  readonly stop: boolean;
  readonly finishNow: boolean;
  readonly unit: string | undefined;
  readonly finishIn: string | undefined;
}

export const statusFlags = <T>(yargs: Argv<T>): Argv<T> =>
  yargs
    .option("cache-dir", { alias: "c", type: "string", default: "./skyscan-cache", describe: "the server's cache directory" })
    .option("client-startup-json", { type: "string", describe: "ask over the broker, as a client reaches it" })
    .option("output-dir", { alias: "o", type: "string", default: ".", describe: "where the manifest is, when no server runs" })
    .option("scan-id", { type: "string", describe: "which scan, when there are several" })
    .option("watch", { type: "boolean", default: false, describe: "again every 2 seconds, until it ends" })
    .option("json", { type: "boolean", default: false, describe: "the manifest (or the unit's history) as JSON" })
    .option("stop", { type: "boolean", default: false, describe: "stop the server, resumable (status 5)" })
    .option("finish-now", { type: "boolean", default: false, describe: "end the scan with what there is (status 3)" })
    .option("finish-in", { type: "string", describe: "how many clients it takes to finish in so long, for example 30m" })
    .option("unit", { type: "string", describe: "what the unit nside/pixel/variation went through, from the journal" });

const watchMs = 2000;
/** How long a server may take to answer over the broker. */
const answerMs = 10_000;
/** Home, and clear what is below: the next block is drawn over the last. */
const redraw = "\u001b[H\u001b[J";

/** Prints a manifest, over the last one on a terminal that watches. */
function show(manifest: unknown, ageSec: number | undefined, args: StatusArguments, context: CommandContext): void {
  const over = args.watch && !args.json && process.stdout.isTTY ? redraw : "";
  const wish = args.finishIn === undefined ? [] : describeFinishIn(manifest, parseSeconds(args.finishIn)!);
  context.print(args.json ? JSON.stringify(manifest) : `${over}${[...describeManifest(manifest, ageSec), ...wish].join("\n")}`);
}

/** @throws UsageError when flags exclude each other. */
function checkFlags(args: StatusArguments): void {
  const given = [args.stop && "--stop", args.finishNow && "--finish-now", args.unit !== undefined && "--unit"].filter(
    (flag) => flag !== false,
  );
  if (given.length > 1) throw new UsageError(`${given.join(" and ")} exclude each other: give one of them`);
  if (args.finishIn !== undefined) {
    if (parseSeconds(args.finishIn) === undefined)
      throw new UsageError(`--finish-in ${args.finishIn} is not allowed: it takes ${durationRule}`);
    if (given.length > 0) throw new UsageError(`--finish-in and ${given[0]!} exclude each other: give one of them`);
  }
  if (args.watch && given.length > 0) throw new UsageError(`--watch and ${given[0]!} exclude each other: give one of them`);
  if (args.clientStartupJson !== undefined && given.length > 0) {
    throw new UsageError(
      `${given[0]!} does not go over the broker: leave --client-startup-json out and give --cache-dir, on the server's machine`,
    );
  }
}

interface Running {
  readonly scan: FoundScan;
  readonly manifest: unknown;
}

/** The one running scan of the cache that is meant. Undefined when no server answers. @throws UsageError when several do. */
async function findRunning(args: StatusArguments): Promise<Running | undefined> {
  const running: Running[] = [];
  for (const scan of await findScans(args.cacheDir)) {
    if (scan.socket === undefined || (args.scanId !== undefined && scan.scanId !== args.scanId)) continue;
    try {
      running.push({ scan, manifest: await askStatus(scan.socket, { ask: "status" }) });
    } catch {
      // A killed server leaves its record; nobody answers there.
    }
  }
  if (running.length > 1) {
    throw new UsageError(
      `several scans run from ${args.cacheDir}; give --scan-id: ${running.map(({ scan }) => scan.scanId).join(", ")}`,
    );
  }
  return running[0];
}

export const status: Command<StatusArguments> = async (args, context) => {
  checkFlags(args);
  if (args.unit !== undefined) return showUnit(args.unit, args, context);
  if (args.clientStartupJson !== undefined) return statusOverBroker(args.clientStartupJson, args, context);
  const running = await findRunning(args);
  if (args.stop || args.finishNow) return tellServer(running, args.stop ? "stop" : "finish-now", args, context);
  let manifest = running?.manifest;
  while (manifest !== undefined) {
    show(manifest, undefined, args, context);
    if (!args.watch) return 0;
    await pause(watchMs, context.signal);
    if (context.signal.aborted) return 0;
    manifest = await askStatus(running!.scan.socket!, { ask: "status" }).catch(() => undefined);
  }
  const file = await findManifestFile({ ...args, scanId: args.scanId ?? running?.scan.scanId });
  show(file.manifest, file.ageSec, args, context);
  return 0;
};

async function tellServer(
  running: Running | undefined,
  ask: "stop" | "finish-now",
  args: StatusArguments,
  context: CommandContext,
): Promise<number> {
  if (running === undefined)
    throw new UsageError(`no server of --cache-dir ${args.cacheDir} answers: --${ask} needs a running one, on its own machine`);
  await askStatus(running.scan.socket!, { ask });
  context.print(`${running.scan.scanId}: told to ${ask}`);
  return 0;
}

async function statusOverBroker(startupPath: string, args: StatusArguments, context: CommandContext): Promise<number> {
  const broker = await openBrokerStatus(startupPath, context.logger);
  try {
    for (;;) {
      const manifest = await broker.ask(answerMs);
      if (manifest !== undefined) show(manifest, undefined, args, context);
      else if (broker.over) {
        context.complain(`the scan ${broker.scanId} is over`);
        return 0;
      } else {
        const words = `the broker is there, but the server of ${broker.scanId} did not answer within ${answerMs / 1000} s: it is down, or busy for once`;
        if (!args.watch) throw new UsageError(words);
        context.complain(words);
      }
      if (!args.watch || isOver(manifest)) return 0;
      await pause(watchMs, context.signal);
      if (context.signal.aborted) return 0;
    }
  } finally {
    await broker.close();
  }
}

async function showUnit(unit: string, args: StatusArguments, context: CommandContext): Promise<number> {
  const scans = (await findScans(args.cacheDir)).filter((scan) => args.scanId === undefined || scan.scanId === args.scanId);
  const [scan] = scans;
  if (scan === undefined)
    throw new UsageError(`no scan${args.scanId === undefined ? "" : ` ${args.scanId}`} in --cache-dir ${args.cacheDir}`);
  if (scans.length > 1)
    throw new UsageError(
      `several scans are in ${args.cacheDir}; give --scan-id: ${scans.map(({ scanId }) => scanId).join(", ")}`,
    );
  const history = await readUnitHistory(scan.directory, unit);
  const answer = scan.socket && (await askStatus(scan.socket, { ask: "unit", unit }).catch(() => undefined));
  const live = typeof answer === "object" && answer !== null ? (answer as LiveUnit) : undefined;
  context.print(args.json ? JSON.stringify({ ...history, live: live ?? null }, null, 2) : describeUnit(history, live).join("\n"));
  return 0;
}
