import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Argv } from "yargs";
import { askStatus, findScans } from "@skyscan/server";
import type { FoundScan, StatusQuestion } from "@skyscan/server";
import { UsageError, messageOf, pause } from "@skyscan/runtime";
import { describeManifest } from "../describe-manifest.ts";
import type { Command, CommandContext } from "../process.ts";

export interface StatusArguments {
  readonly cacheDir: string;
  readonly outputDir: string;
  readonly scanId: string | undefined;
  readonly watch: boolean;
  readonly json: boolean;
  readonly stop: boolean;
  readonly finishNow: boolean;
  readonly unit: string | undefined;
}

export const statusFlags = <T>(yargs: Argv<T>): Argv<T> =>
  yargs
    .option("cache-dir", { alias: "c", type: "string", default: "./skyscan-cache", describe: "the server's cache directory" })
    .option("output-dir", { alias: "o", type: "string", default: ".", describe: "where the manifest is, when no server runs" })
    .option("scan-id", { type: "string", describe: "which scan, when the cache holds several" })
    .option("watch", { type: "boolean", default: false, describe: "again every 2 seconds, until it ends" })
    .option("json", { type: "boolean", default: false, describe: "the manifest as JSON" })
    .option("stop", { type: "boolean", default: false, describe: "stop the server, resumable (status 5)" })
    .option("finish-now", { type: "boolean", default: false, describe: "end the scan with what there is (status 3)" })
    .option("unit", { type: "string", describe: "where the unit nside/pixel/variation is, and what it went through" });

const watchMs = 2000;

interface Running {
  readonly scan: FoundScan;
  readonly first: unknown;
}

/** The one running scan of the cache that is meant. Undefined when no server answers. */
async function findRunning(args: StatusArguments, question: StatusQuestion): Promise<Running | undefined> {
  const scans = (await findScans(args.cacheDir)).filter((scan) => args.scanId === undefined || scan.scanId === args.scanId);
  const running: Running[] = [];
  for (const scan of scans) {
    if (scan.socket === undefined) continue;
    try {
      running.push({ scan, first: await askStatus(scan.socket, { ask: "status" }) });
    } catch {
      // A killed server leaves its record; nobody answers there.
    }
  }
  if (running.length > 1) {
    throw new UsageError(
      `several scans run from ${args.cacheDir}; give --scan-id: ${running.map(({ scan }) => scan.scanId).join(", ")}`,
    );
  }
  const [only] = running;
  if (only === undefined || question.ask === "status") return only;
  return { scan: only.scan, first: await askStatus(only.scan.socket!, question) };
}

export const status: Command<StatusArguments> = async (args, context) => {
  const question: StatusQuestion = args.stop
    ? { ask: "stop" }
    : args.finishNow
      ? { ask: "finish-now" }
      : args.unit !== undefined
        ? { ask: "unit", unit: args.unit }
        : { ask: "status" };
  const running = await findRunning(args, question);
  if (running === undefined) {
    if (question.ask !== "status")
      throw new UsageError(`no server of ${args.cacheDir} answers: --${question.ask} needs a running one`);
    return showManifestFile(args, context);
  }
  if (question.ask !== "status") {
    const { error } = running.first as { readonly error?: unknown };
    if (typeof error === "string") throw new UsageError(error);
    context.print(
      question.ask === "unit" ? JSON.stringify(running.first, null, 2) : `${running.scan.scanId}: told to ${question.ask}`,
    );
    return 0;
  }
  let answer: unknown = running.first;
  for (;;) {
    context.print(args.json ? JSON.stringify(answer) : describeManifest(answer, undefined).join("\n"));
    if (!args.watch || context.signal.aborted) return 0;
    await pause(watchMs, context.signal);
    try {
      answer = await askStatus(running.scan.socket!, { ask: "status" });
    } catch {
      return showManifestFile(args, context);
    }
  }
};

async function showManifestFile(args: StatusArguments, context: CommandContext): Promise<number> {
  const path = join(args.outputDir, "scan-manifest.json");
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    const manifest: unknown = JSON.parse(text);
    context.print(args.json ? JSON.stringify(manifest) : describeManifest(manifest, (Date.now() - mtimeMs) / 1000).join("\n"));
    return 0;
  } catch (error) {
    throw new UsageError(
      `no server of ${args.cacheDir} answers, and there is no manifest at ${path} (give --cache-dir or --output-dir): ${messageOf(error)}`,
    );
  }
}
