import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { isLoopback, parseAddress, withoutPassword } from "@skyscan/broker";
import { readTokenFile, waitForStartup } from "@skyscan/client";
import type { FoundStartup } from "@skyscan/client";
import type { StartupSource } from "@skyscan/launcher";
import { messageOf } from "@skyscan/runtime";
import type { CommandContext } from "../process.ts";

export interface ScansToServe {
  readonly sources: readonly StartupSource[];
  readonly found: readonly FoundStartup[];
}

/** Waits for the startup files, once; undefined when a signal came first. @throws UsageError when one is missing or not valid. */
export async function scansToServe(
  paths: readonly string[],
  waitSec: number,
  { logger, signal }: Pick<CommandContext, "logger" | "signal">,
): Promise<ScansToServe | undefined> {
  const found = await waitForStartup(paths, { waitSec, logger, signal });
  if (found === undefined) return undefined;
  const sources = await Promise.all(
    paths.map(async (path) => ({ path: resolve(path), directory: (await stat(path)).isDirectory() })),
  );
  return { sources, found };
}

/** Why clients on other machines could not serve these scans; `address`: of the environment, which beats the startup files. */
export function unreachable(found: readonly FoundStartup[], address: string | undefined): readonly string[] {
  return found.flatMap(({ startup }) => {
    const used = address ?? startup.broker.address;
    try {
      if (!isLoopback(parseAddress(used).host)) return [];
    } catch (error) {
      return [`the broker of ${startup.scan_id}: ${messageOf(error)}`];
    }
    const instead =
      startup.broker.client === "embedded"
        ? "start the server with --listen HOST:PORT (and --tls-cert, --tls-key), or with a broker"
        : "name it in SKYSCAN_BROKER_ADDRESS as other machines reach it";
    return [
      `the broker of ${startup.scan_id} is at ${withoutPassword(used)}, which only this machine reaches: ${instead}; or start clients here, with --on local`,
    ];
  });
}

/** The token file that the startup files name, checked as clients check it. Problems are added to the list. */
export async function tokenFileOfScans(found: readonly FoundStartup[], problems: string[]): Promise<string | undefined> {
  const named = new Map<string, number>();
  for (const { startup, owner } of found) if (startup.broker.tokenFile !== null) named.set(startup.broker.tokenFile, owner);
  if (named.size > 1) {
    problems.push("these scans have different tokens: start clients for each of them, or set SKYSCAN_BROKER_AUTH_FILE");
    return undefined;
  }
  for (const [path, owner] of named) {
    try {
      await readTokenFile(path, owner);
      return path;
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return undefined;
}
