import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { runScan } from "@skyscan/server";
import type { ProgressSnapshot, ScanEnd, ScanRequest } from "@skyscan/server";
import { containerSettingTable } from "@skyscan/recos/settings";
import { serverSettingTable } from "@skyscan/server/settings";
import { UsageError, processEnvironment, readSettings } from "@skyscan/runtime";
import { resolveServerBroker } from "./broker-settings.ts";
import type { CommandContext } from "./process.ts";
import { createProgressBar } from "./progress-bar.ts";
import { hasStarter, tellStarter } from "./server-news.ts";

/** Runs the server of a scan with a progress bar where there is a terminal. */
export async function runServer(request: ScanRequest, context: CommandContext): Promise<ScanEnd> {
  const problems: string[] = [];
  const environment = readSettings(serverSettingTable, problems);
  const containers = readSettings(containerSettingTable, problems);
  if (problems.length > 0) throw new UsageError(problems);
  const bar = createProgressBar();
  const onProgress = (snapshot: ProgressSnapshot): void => {
    bar?.update(snapshot);
    void tellStarter({ progress: snapshot });
  };
  const end = await runScan(request, {
    environment,
    containers,
    resolveBroker: resolveServerBroker,
    tokenFile: tokenFileOf(processEnvironment()["SKYSCAN_BROKER_AUTH_FILE"]),
    logger: context.logger,
    signal: context.signal,
    ...((bar !== undefined || hasStarter()) && { onProgress }),
  });
  bar?.stop();
  return end;
}

/** Clients of this user read the same file. */
function tokenFileOf(path: string | undefined): string | null {
  if (path === undefined || path === "") return null;
  readFileSync(path);
  return resolve(path);
}
