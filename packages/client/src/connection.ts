import { BrokerError } from "@skyscan/broker";
import { connectionSettings, readBrokerSettings } from "@skyscan/broker/settings";
import type { BrokerSettings } from "@skyscan/broker/settings";
import type { Broker, ConnectionSettings, ResolveConnection } from "@skyscan/broker";
import { readStartupFileOf } from "@skyscan/protocol";
import type { OwnedStartupFile, StartupFile } from "@skyscan/protocol";
import { UsageError, createBackoff, messageOf, pause } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { readTokenFile } from "./token-file.ts";

/**
 * How to reach a scan's broker: what the environment says beats the startup file, which fills in what is missing.
 * `token`: the content of the startup file's token file.
 */
export function connectionOf(
  own: BrokerSettings,
  startup: StartupFile["broker"],
  token: string | undefined,
  limits: { readonly goneSec: number },
): ConnectionSettings {
  return connectionSettings(own, {
    client: own.client ?? startup.client,
    address: own.address ?? startup.address,
    auth: own.auth ?? token,
    ...limits,
  });
}

/** What the environment has otherwise than the startup file, one phrase each; addresses without what may be a password. */
export function brokerDifferences(own: BrokerSettings, startup: StartupFile["broker"]): readonly string[] {
  const differences: string[] = [];
  if (own.client !== undefined && own.client !== startup.client) {
    differences.push(`SKYSCAN_BROKER_CLIENT is ${own.client}, the startup file says ${startup.client}`);
  }
  if (own.address !== undefined && withoutUser(own.address) !== withoutUser(startup.address)) {
    differences.push(
      `SKYSCAN_BROKER_ADDRESS is ${withoutUser(own.address)}, the startup file says ${withoutUser(startup.address)}`,
    );
  }
  return differences;
}

const withoutUser = (address: string): string => address.replace(/^([A-Za-z+.-]+:\/\/)?[^@]*@/, "$1");

export interface ResolverOptions {
  readonly path: string;
  /** As it was when the session began. */
  readonly found: OwnedStartupFile;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly goneSec: number;
  readonly logger: Logger;
  /** The startup file now says that the scan has ended. */
  readonly onEnded: () => void;
}

/**
 * Reads environment, secrets and the startup file anew at every (re)connection: a restarted server may have another port, tokens expire.
 * A startup file that is gone, or belongs to another scan by now, leaves what was known.
 */
export function createResolver(options: ResolverOptions): ResolveConnection {
  const { logger, path } = options;
  let known = options.found;
  let told = "";
  return async () => {
    try {
      const fresh = await readStartupFileOf(path);
      if (fresh?.startup.scan_id === known.startup.scan_id) known = fresh;
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, "The startup file cannot be read again, its last content is used");
    }
    const { startup, owner } = known;
    if (startup.ended) options.onEnded();
    const problems: string[] = [];
    const own = readBrokerSettings(problems, options.environment);
    if (problems.length > 0) throw new UsageError(problems);
    const differences = brokerDifferences(own, startup.broker);
    if (differences.length > 0 && told !== differences.join()) {
      logger.warn({ differences }, "The environment's broker is used instead of the startup file's");
      told = differences.join();
    }
    const { tokenFile } = startup.broker;
    const token = own.auth === undefined && tokenFile !== null ? await readTokenFile(tokenFile, owner) : undefined;
    return connectionOf(own, startup.broker, token, options);
  };
}

/** How a session reaches its broker. */
export type OpenBroker = (
  resolve: ResolveConnection,
  options: { readonly logger: Logger; readonly purpose: "client" },
) => Promise<Broker>;

/** Opens a broker that may not be there yet (its server is being restarted): tries again, for as long as a lost one is waited for. @throws BrokerError */
export async function openPatiently(
  open: () => Promise<Broker>,
  options: { readonly lostSec: number; readonly logger: Logger; readonly signal: AbortSignal },
): Promise<Broker> {
  const backoff = createBackoff({ firstMs: 500, maxMs: 10_000 });
  const startMs = performance.now();
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const over = performance.now() - startMs > options.lostSec * 1000 || options.signal.aborted;
      if (!(error instanceof BrokerError) || error.code !== "unreachable" || over) throw error;
      options.logger.warn({ reason: error.message }, "The broker cannot be reached, trying again");
      await pause(backoff.next(), options.signal);
    }
  }
}
