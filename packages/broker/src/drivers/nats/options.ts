import { credsAuthenticator, tokenAuthenticator, usernamePasswordAuthenticator } from "@nats-io/transport-node";
import type { Authenticator, ConnectionOptions } from "@nats-io/transport-node";
import { hostAndPort, parseAddress } from "../../address.ts";
import type { BrokerAddress } from "../../address.ts";
import { ownSettings } from "../../connection-settings.ts";
import type { ConnectionSettings } from "../../connection-settings.ts";
import { BrokerError } from "../../errors.ts";
import { readTlsFiles } from "../../tls-files.ts";
import { natsSettingTable } from "./settings.ts";

export interface NatsOptions {
  readonly connect: ConnectionOptions;
  readonly host: string;
  readonly port: number;
  /** `localhost:4222`: no secrets. */
  readonly where: string;
  /** With which credentials, for messages. */
  readonly as: string;
  readonly ackWaitSec: number;
  readonly replicas: number;
}

const connectMs = 10_000;
const defaultPort = 4222;

interface Credentials {
  readonly as: string;
  readonly authenticator?: Authenticator;
}

/** A creds file as `nsc` writes it. @throws BrokerError `refused-credentials` */
function userCredentials(content: string): Credentials {
  const authenticator = credsAuthenticator(Buffer.from(content));
  try {
    authenticator("looks whether it can sign");
  } catch {
    // The cause may show what it could not read.
    throw new BrokerError(
      "refused-credentials",
      "SKYSCAN_BROKER_AUTH begins as the content of a creds file does, but it is none: SKYSCAN_BROKER_AUTH_FILE names the file as nsc wrote it.",
    );
  }
  return { as: "with these user credentials", authenticator };
}

/** `auth` is the content of a creds file, a password where the address has a user, else a token. */
function credentialsOf({ user, password }: BrokerAddress, auth: string | undefined): Credentials {
  if (auth?.includes("BEGIN NATS USER JWT") === true) return userCredentials(auth);
  if (user !== undefined)
    return { as: `as user ${user}`, authenticator: usernamePasswordAuthenticator(user, auth ?? password ?? "") };
  return auth === undefined ? { as: "without credentials" } : { as: "with this token", authenticator: tokenAuthenticator(auth) };
}

/**
 * How to dial, from the settings.
 * @throws BrokerError `bad-address`, `refused-credentials`.
 */
export async function natsOptions(settings: ConnectionSettings): Promise<NatsOptions> {
  const address = parseAddress(settings.address);
  const { scheme = "nats", host, port = defaultPort, vhost } = address;
  if (scheme !== "nats" && scheme !== "tls")
    throw new BrokerError("bad-address", `NATS is not spoken to by ${scheme}://; allowed are nats:// and tls:// (TLS).`);
  if (vhost !== undefined)
    throw new BrokerError(
      "bad-address",
      `NATS has no virtual hosts: there must be nothing behind the / of its address (${vhost}). What a user sees is decided by the user's account.`,
    );
  const { as, authenticator } = credentialsOf(address, settings.auth);
  const { pingSec, ackWaitSec, replicas } = ownSettings(natsSettingTable, settings);
  const where = hostAndPort(host, port);
  const { ca, cert, key } = scheme === "tls" ? await readTlsFiles(settings) : {};
  const files = { ...(ca && { ca: ca.toString() }), ...(cert && { cert: cert.toString() }), ...(key && { key: key.toString() }) };
  return {
    connect: {
      servers: [where],
      // The supervisor connects again, asking for address and secrets anew.
      reconnect: false,
      ignoreClusterUpdates: true,
      pingInterval: 1000 * pingSec,
      maxPingOut: 2,
      timeout: connectMs,
      // Null: not even where the server would offer it.
      tls: scheme === "tls" ? files : null,
      ...(authenticator !== undefined && { authenticator }),
    },
    host,
    port,
    where,
    as,
    ackWaitSec,
    replicas,
  };
}
