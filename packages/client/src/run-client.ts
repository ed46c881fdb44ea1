import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { openBroker } from "@skyscan/broker";
import { goneSec, readBrokerSettings } from "@skyscan/broker/settings";
import type { BrokerSettings } from "@skyscan/broker/settings";
import { createImages, gcdPlaces } from "@skyscan/recos";
import type { ContainerMode, Images } from "@skyscan/recos";
import { containerSettingTable } from "@skyscan/recos/settings";
import {
  UsageError,
  codeOf,
  hostName,
  makeDirectory,
  messageOf,
  pause,
  processEnvironment,
  readSettings,
} from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { createResolver } from "./connection.ts";
import { endOfError, overallEnd } from "./ending.ts";
import type { ClientEnd } from "./ending.ts";
import { clientSettingTable } from "./env.ts";
import type { ClientSettings } from "./env.ts";
import { findLocalReco } from "./local-reco.ts";
import type { FindReco } from "./local-reco.ts";
import { createLookahead } from "./lookahead.ts";
import { makeScratch } from "./scratch.ts";
import { runSession } from "./session.ts";
import type { OpenBroker } from "./session.ts";
import { waitForStartup } from "./startup-wait.ts";
import type { FoundStartup } from "./startup-wait.ts";

/** What the flags of `skyscan client` say. */
export interface ClientOptions {
  /** `--client-startup-json`: files or directories; each file is a scan. */
  readonly startupPaths: readonly string[];
  /** `--wait-for-startup-sec`. */
  readonly waitForStartupSec: number;
  /** `--slots`: fits at the same time, shared by all scans (each gets one at least); `auto`: cores / the reco's threads. */
  readonly slots: number | "auto";
  /** `--reco-path`, in front of `SKYSCAN_RECO_PATH`. */
  readonly recoPath?: readonly string[];
  /** `--container`; beats `SKYSCAN_CONTAINER`. */
  readonly container?: ContainerMode | undefined;
  /** `--scratch-dir`; default: a new directory in the system's temporary one. Removed at the end. */
  readonly scratchDir?: string | undefined;
  /** `--debug-directory`; made if missing. */
  readonly debugDirectory?: string | undefined;
  /** How long fits that run may go on after a signal or a `leave`, seconds. Default 5: batch systems kill after 10 to 30. */
  readonly drainGraceSec?: number;
  /** How long a missing queue is waited for, seconds. Default {@link goneSec}. */
  readonly goneSec?: number;
}

/** Where and for whom a client runs. */
export interface ClientContext {
  readonly logger: Logger;
  /** First signal: return what has not begun, give running fits the grace time, leave with 5. */
  readonly signal: AbortSignal;
  /** Second signal: leave now. */
  readonly force: AbortSignal;
  /** Default: this process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: the real ones. */
  readonly openBroker?: OpenBroker;
  readonly findReco?: FindReco;
}

const defaultDrainGraceSec = 5;

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
    if (options.debugDirectory !== undefined) await makeDebugDirectory(options.debugDirectory);
    const waiting = { waitSec: options.waitForStartupSec, logger, signal };
    const found = await waitForStartup(options.startupPaths, waiting);
    if (found === undefined) return { status: 5, why: "stopped by a signal while waiting for the startup file" };
    const scans = [...new Map(found.map((one) => [one.startup.scan_id, one])).values()];
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
      scans: scans.length,
    };
    const end = overallEnd(await all(scans.map((scan, index) => serve(client, scan, index))));
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

interface Client {
  readonly options: ClientOptions;
  readonly context: ClientContext;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly settings: ClientSettings;
  readonly host: string;
  /** The same for all its scans. */
  readonly worker: string;
  readonly logger: Logger;
  readonly brokerSettings: BrokerSettings;
  readonly scratchDir: string;
  readonly container: ContainerMode | undefined;
  readonly images: Images;
  readonly scans: number;
}

function knownEnd(error: unknown): ClientEnd {
  const end = endOfError(error, true);
  if (end === undefined) throw error;
  return { status: end.status, why: end.why };
}

/** Lets every scan end, also when one of them throws. */
async function all<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** What is wrong with the scan's reco on this host, and with nothing else. */
const recoCodes: readonly string[] = ["unknown-reco", "bad-manifest", "start-failed", "gcd-missing"];

/** One scan of this client. */
async function serve(client: Client, found: FoundStartup, index: number): Promise<ClientEnd> {
  const logger = client.logger.child({ scan: found.startup.scan_id });
  const end = await serveHere(client, found, index, logger);
  logger.info({ status: end.status }, end.why);
  return end;
}

async function serveHere(
  client: Client,
  { path, startup, owner }: FoundStartup,
  index: number,
  logger: Logger,
): Promise<ClientEnd> {
  const { options, context, environment, settings } = client;
  const several = client.scans > 1;
  if (startup.ended) return { status: 0, why: "the scan had ended before this client came" };
  const debugDirectory =
    options.debugDirectory !== undefined && several ? join(options.debugDirectory, startup.scan_id) : options.debugDirectory;
  const findReco = context.findReco ?? findLocalReco;
  let reco: Awaited<ReturnType<FindReco>>;
  try {
    reco = await findReco(startup, {
      recoPath: options.recoPath ?? [],
      recoPathSetting: settings.recoPath,
      container: client.container,
      images: client.images,
      timeoutSec: settings.taskTimeoutSec,
      scratchDir: join(client.scratchDir, startup.scan_id),
      debugDirectory,
      gcd: gcdPlaces(settings, { staging: join(client.scratchDir, "baseline-gcd") }),
      environment,
      logger,
      signal: context.signal,
    });
  } catch (error) {
    const code = codeOf(error);
    if (context.signal.aborted) return { status: 5, why: "stopped by a signal" };
    if (!recoCodes.includes(code ?? "")) return knownEnd(error);
    return { status: 7, why: `the scan's reco cannot be had here: ${messageOf(error)}` };
  }
  const slots = slotsOf(options.slots, reco.threads, client.scans, index);
  const ended = new AbortController();
  const resolve = createResolver({
    path,
    found: { startup, owner },
    environment,
    goneSec: options.goneSec ?? goneSec,
    logger,
    onEnded: () => ended.abort(),
  });
  const runners = Array.from({ length: slots }, (_, slot) => reco.createRunner(slot));
  const prefetch = runners.reduce((sum, runner) => sum + runner.inFlight, 0);
  const { status, why } = await runSession({
    startup,
    openBroker: context.openBroker ?? openBroker,
    resolve,
    lostSec: client.brokerSettings.lostSec,
    host: client.host,
    worker: client.worker,
    reco,
    runners,
    limits: settings,
    lookahead: createLookahead({ slots, prefetch }),
    replyOutcomes: settings.replyOutcomes,
    drainGraceSec: options.drainGraceSec ?? defaultDrainGraceSec,
    logger,
    signal: context.signal,
    force: context.force,
    ended: ended.signal,
  });
  return { status, why };
}

/** This scan's part of the client's slots: as even as can be, one at least. */
export function slotsOf(slots: number | "auto", threads: number, scans: number, index: number): number {
  const all = slots === "auto" ? Math.floor(availableParallelism() / threads) : slots;
  return Math.max(1, Math.floor(all / scans) + (index < all % scans ? 1 : 0));
}

async function makeDebugDirectory(path: string): Promise<void> {
  try {
    await makeDirectory(path);
  } catch (error) {
    throw new UsageError(`--debug-directory ${path} cannot be made`, { cause: error });
  }
}
