import { randomBytes } from "node:crypto";
import { readBrokerSettings } from "@skyscan/broker/settings";
import { createImages } from "@skyscan/recos";
import { containerSettingTable } from "@skyscan/recos/settings";
import { UsageError, hostName, makeFlagDirectory, pause, processEnvironment, readSettings } from "@skyscan/runtime";
import type { ClientContext, ClientOptions } from "./client-options.ts";
import type { ClientEnd } from "./ending.ts";
import { clientSettingTable } from "./env.ts";
import { createPlaces } from "./places.ts";
import { makeScratch } from "./scratch.ts";
import { knownEnd, serveOne } from "./serve-scan.ts";
import type { Client } from "./serve-scan.ts";
import { serveSeveral } from "./serve-several.ts";
import { createStartupReader, isDirectory } from "./startup-reader.ts";
import { waitForStartup } from "./startup-wait.ts";

/**
 * Runs a client until its scans have ended, or it has to leave. Everything it opened is closed when it resolves; with status 7 it has slept
 * the quarantine time. @throws only what nobody foresaw (a bug, status 1).
 */
export async function runClient(options: ClientOptions, context: ClientContext): Promise<ClientEnd> {
  const { signal } = context;
  const environment = context.environment ?? processEnvironment();
  const problems: string[] = [];
  const settings = readSettings(clientSettingTable, problems, environment);
  const containers = readSettings(containerSettingTable, problems, environment);
  const brokerSettings = readBrokerSettings(problems, environment);
  const host = settings.host ?? hostName();
  const worker = `${host}-${process.pid}-${randomBytes(4).toString("hex")}`;
  const logger = context.logger.child({ worker });
  let scratch: Awaited<ReturnType<typeof makeScratch>> | undefined;
  try {
    if (problems.length > 0) throw new UsageError(problems);
    if (options.debugDirectory !== undefined) await makeFlagDirectory("--debug-directory", options.debugDirectory);
    const reader = createStartupReader(logger);
    const found = await waitForStartup(options.startupPaths, { waitSec: options.waitForStartupSec, logger, signal, reader });
    if (found === undefined) return { status: 5, why: "stopped by a signal while waiting for the startup file" };
    const several = found.length > 1 || (await Promise.all(options.startupPaths.map(isDirectory))).includes(true);
    scratch = await makeScratch(options.scratchDir);
    const client: Client = {
      options,
      context,
      environment,
      settings,
      host,
      worker,
      logger,
      brokerSettings,
      scratchDir: scratch.path,
      container: options.container ?? containers.container,
      images: createImages({ pullAlways: containers.pullAlways, environment, logger }),
      places: createPlaces(options.slots),
      several,
    };
    const end = several ? await serveSeveral(client, found, reader) : await serveOne(client, found[0]!);
    if (end.status === 7 && settings.quarantineSec > 0) {
      logger.warn({ why: end.why, quarantineSec: settings.quarantineSec }, "Sleeping the quarantine time");
      await pause(settings.quarantineSec * 1000, signal);
    }
    return end;
  } catch (error) {
    return knownEnd(error);
  } finally {
    await scratch?.remove();
  }
}
