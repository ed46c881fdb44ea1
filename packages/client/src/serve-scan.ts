import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openBroker } from "@skyscan/broker";
import { goneSec } from "@skyscan/broker/settings";
import type { BrokerSettings } from "@skyscan/broker/settings";
import { gcdPlaces } from "@skyscan/recos";
import type { ContainerMode, Images } from "@skyscan/recos";
import { codeOf, messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { ClientContext, ClientOptions } from "./client-options.ts";
import { createResolver } from "./connection.ts";
import { endOfError } from "./ending.ts";
import type { ClientEnd } from "./ending.ts";
import type { ClientSettings } from "./env.ts";
import type { IdleLimits } from "./idle.ts";
import { findLocalReco } from "./local-reco.ts";
import type { LocalReco } from "./local-reco.ts";
import { createLookahead } from "./lookahead.ts";
import type { Places, Share } from "./places.ts";
import { startSession } from "./session.ts";
import type { Session } from "./session.ts";
import type { FoundStartup } from "./startup-reader.ts";

/** What all scans of a client share. */
export interface Client {
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
  readonly places: Places;
  /** There may be more than one: each has a debug directory of its own. */
  readonly several: boolean;
}

/** A scan whose reco this client has. */
export interface PreparedScan {
  /** Reaches it. `lostSec`: for how long it is tried, by default as long as a lost broker is waited for; once at least. */
  start(limits: IdleLimits, lostSec?: number): { readonly session: Session; readonly share: Share };
  /** Removes what was prepared. */
  remove(): Promise<void>;
}

/** What is wrong with the scan's reco on this host, and with nothing else. */
const recoCodes: readonly string[] = ["unknown-reco", "bad-manifest", "start-failed", "gcd-missing"];
const defaultDrainGraceSec = 5;

/** How a client ends that met this error. @throws the error when nobody foresaw it (a bug). */
export function knownEnd(error: unknown): ClientEnd {
  const end = endOfError(error, true);
  if (end === undefined) throw error;
  return { status: end.status, why: end.why };
}

/** How it ends without having begun: the scan has ended, or its reco cannot be had here. */
export async function prepareScan(client: Client, found: FoundStartup): Promise<PreparedScan | ClientEnd> {
  const { options, context, environment, settings } = client;
  const { path, startup, owner } = found;
  const logger = client.logger.child({ scan: startup.scan_id });
  if (startup.ended) return { status: 0, why: "the scan had ended before this client came" };
  const { debugDirectory } = options;
  const scratchDir = join(client.scratchDir, startup.scan_id);
  let reco: LocalReco;
  try {
    reco = await (context.findReco ?? findLocalReco)(startup, {
      recoPath: options.recoPath ?? [],
      recoPathSetting: settings.recoPath,
      container: client.container,
      images: client.images,
      timeoutSec: settings.taskTimeoutSec,
      scratchDir,
      debugDirectory: debugDirectory !== undefined && client.several ? join(debugDirectory, startup.scan_id) : debugDirectory,
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
  return {
    start(limits, lostSec = client.brokerSettings.lostSec) {
      const share = client.places.share(reco.threads, (slot) => reco.createRunner(slot));
      const { runners } = share;
      const ended = new AbortController();
      const session = startSession({
        startup,
        openBroker: context.openBroker ?? openBroker,
        resolve: createResolver({
          path,
          found: { startup, owner },
          environment,
          goneSec: options.goneSec ?? goneSec,
          logger,
          onEnded: () => ended.abort(),
        }),
        lostSec,
        host: client.host,
        worker: client.worker,
        reco,
        runners,
        limits,
        lookahead: createLookahead({
          slots: runners.length,
          prefetch: runners.reduce((sum, runner) => sum + runner.inFlight, 0),
        }),
        replyOutcomes: settings.replyOutcomes,
        drainGraceSec: options.drainGraceSec ?? defaultDrainGraceSec,
        logger,
        signal: context.signal,
        force: context.force,
        ended: ended.signal,
      });
      return { session, share };
    },
    remove: () => rm(scratchDir, { recursive: true, force: true }).catch(() => undefined),
  };
}

/** The only scan of a client, to its end. */
export async function serveOne(client: Client, found: FoundStartup): Promise<ClientEnd> {
  const logger = client.logger.child({ scan: found.startup.scan_id });
  const prepared = await prepareScan(client, found);
  const { status, why } = "status" in prepared ? prepared : await prepared.start(client.settings).session.end;
  logger.info({ status }, why);
  return { status, why };
}
