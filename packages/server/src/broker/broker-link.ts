import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createEmbeddedHost, isLoopback, openBroker, withoutPassword } from "@skyscan/broker";
import type { Broker, ConnectionSettings } from "@skyscan/broker";
import type { StartupFile } from "@skyscan/protocol";
import { UsageError, messageOf, writeFileAtomically } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { ListenRequest } from "../request/request.ts";

/** How the server reaches its broker; read anew for each connection. `undefined`: nothing configured, so the embedded one. */
export type ResolveServerBroker = () => Promise<ConnectionSettings | undefined>;

export interface BrokerLink {
  readonly broker: Broker;
  /** For the startup file: where clients find it, without secrets. */
  readonly startup: StartupFile["broker"];
  close(): Promise<void>;
}

/** What this file draws, and nothing that is easier to guess: an empty file would let everybody in. */
const tokenPattern = /^[A-Za-z0-9_-]{32}$/;

/**
 * Opens the configured broker, or starts the embedded one on the port and with the token of before.
 * @throws BrokerError, UsageError
 */
export async function linkBroker(
  resolve: ResolveServerBroker,
  tokenFile: string | null,
  listen: ListenRequest,
  cacheDirectory: string,
  logger: Logger,
): Promise<BrokerLink> {
  const settings = await resolve();
  if (settings === undefined || settings.client === "embedded") return startEmbedded(listen, cacheDirectory, logger);
  const broker = await openBroker(async () => (await resolve()) ?? settings, { logger, purpose: "server" });
  logger.info({ broker: broker.description }, "using this broker: clients reach it with the same address and their own token");
  return {
    broker,
    startup: { client: settings.client, address: withoutPassword(settings.address), tokenFile },
    close: () => broker.close(),
  };
}

async function startEmbedded(listen: ListenRequest, cacheDirectory: string, logger: Logger): Promise<BrokerLink> {
  const tls = listen.tlsCertFile !== undefined && listen.tlsKeyFile !== undefined;
  if (!isLoopback(listen.host) && !tls && !listen.insecure) {
    throw new UsageError(
      `--listen ${listen.host}:${listen.port} is reachable from other machines: give --tls-cert and --tls-key, or --insecure`,
    );
  }
  const tokenFile = join(cacheDirectory, "broker-token");
  const portFile = join(cacheDirectory, "broker-port");
  const kept = (await content(tokenFile)) ?? "";
  const token = tokenPattern.test(kept) ? kept : randomBytes(24).toString("base64url");
  await writeFileAtomically(tokenFile, `${token}\n`, 0o600);
  const before = Number((await content(portFile)) ?? 0);
  const options = {
    token,
    logger,
    ...(tls && { tls: { cert: await pem("--tls-cert", listen.tlsCertFile), key: await pem("--tls-key", listen.tlsKeyFile) } }),
  };
  const at = (port: number): ReturnType<typeof createEmbeddedHost> =>
    createEmbeddedHost({ ...options, listen: { host: listen.host, port } });
  const host = listen.port !== 0 || before === 0 ? await at(listen.port) : await at(before).catch(() => at(0));
  await writeFileAtomically(portFile, `${host.port}\n`, 0o600);
  const reach = isLoopback(listen.host)
    ? "clients on this machine only"
    : tls
      ? "clients anywhere, over TLS"
      : "clients anywhere, in clear text";
  logger.info({ address: host.address, reach, tokenFile }, "using the embedded broker");
  return { broker: host.broker(), startup: { client: "embedded", address: host.address, tokenFile }, close: () => host.close() };
}

const content = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").then(
    (text) => text.trim(),
    () => undefined,
  );

async function pem(flag: string, path: string | undefined): Promise<string> {
  try {
    return await readFile(path ?? "", "utf8");
  } catch (error) {
    throw new UsageError(`${flag} ${path ?? ""} cannot be read: ${messageOf(error)}`);
  }
}
