import type { Argv } from "yargs";
import { runClient } from "@skyscan/client";
import type { ClientEnd } from "@skyscan/client";
import type { ContainerMode } from "@skyscan/recos";
import { UsageError } from "@skyscan/runtime";
import { containerFlag } from "../container-flag.ts";
import type { Command } from "../process.ts";
import { hasStarter } from "../server-news.ts";

export interface ClientArguments {
  readonly clientStartupJson: readonly string[];
  readonly slots: string;
  readonly debugDirectory: string | undefined;
  readonly container: ContainerMode | undefined;
  readonly scratchDir: string | undefined;
  readonly recoPath: readonly string[];
  readonly waitForStartupSec: number;
  readonly clients: number;
}

export const clientFlags = <T>(yargs: Argv<T>): Argv<T> =>
  containerFlag(yargs)
    .option("client-startup-json", {
      type: "string",
      array: true,
      default: ["./client-startup.json"],
      describe: "startup file(s) or a directory of them: one scan each",
    })
    .option("slots", { type: "string", default: "1", describe: "fits at the same time; auto = cores / the reco's threads" })
    .option("debug-directory", { type: "string", describe: "keeps what goes into and comes out of every fit" })
    .option("scratch-dir", {
      type: "string",
      describe: "for recos' working directories (default: the system's temporary directory)",
    })
    .option("reco-path", { type: "string", array: true, default: [], describe: "directory of recos, before SKYSCAN_RECO_PATH" })
    .option("wait-for-startup-sec", { type: "number", default: 0, describe: "how long to wait for the startup file" })
    // For `skyscan scan`: so many independent clients in this process.
    .option("clients", { type: "number", default: 1, hidden: true });

export const client: Command<ClientArguments> = async (args, context) => {
  const slots = args.slots === "auto" ? "auto" : Number(args.slots);
  const problems: string[] = [];
  if (slots !== "auto" && (!Number.isSafeInteger(slots) || slots < 1))
    problems.push(`--slots ${args.slots} is not allowed: it takes a whole number from 1, or auto`);
  if (!(args.waitForStartupSec >= 0))
    problems.push(`--wait-for-startup-sec ${args.waitForStartupSec} is not allowed: it takes a number of seconds, 0 or greater`);
  if (!Number.isSafeInteger(args.clients) || args.clients < 1)
    problems.push(`--clients ${args.clients} is not allowed: it takes a whole number from 1`);
  if (problems.length > 0) throw new UsageError(problems);
  const one = (): Promise<ClientEnd> =>
    runClient(
      {
        startupPaths: args.clientStartupJson,
        waitForStartupSec: args.waitForStartupSec,
        slots,
        recoPath: args.recoPath,
        container: args.container,
        scratchDir: args.scratchDir,
        debugDirectory: args.debugDirectory,
      },
      { logger: context.logger, signal: context.signal, force: context.force },
    );
  const sentAwayByStarter = (status: number): boolean => status === 5 && hasStarter();
  const ends = await Promise.all(Array.from({ length: args.clients }, one));
  for (const { status, why } of ends) if (status !== 0 && !sentAwayByStarter(status)) context.complain(why);
  return ends.find(({ status }) => status !== 0)?.status ?? 0;
};
