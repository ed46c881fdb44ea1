import type { Options, SocketOptions } from "amqplib";
import { hostAndPort, parseAddress } from "../../address.ts";
import { BrokerError } from "../../errors.ts";
import { ownSettings } from "../../connection-settings.ts";
import type { ConnectionSettings } from "../../connection-settings.ts";
import { readTlsFiles } from "../../tls-files.ts";
import { rabbitmqSettingTable } from "./settings.ts";

export interface AmqpOptions {
  readonly connect: Options.Connect;
  readonly socket: SocketOptions;
  /** `localhost:5672/vhost`: no secrets. */
  readonly where: string;
  readonly vhost: string;
  readonly user: string;
  readonly heartbeatSec: number;
  /** The broker takes a delivery back that was not ended for so long. */
  readonly consumerTimeoutSec: number;
}

const connectMs = 10_000;

/**
 * How to dial, from the settings. `auth` replaces the address's password; without a user in the address the user is empty then (OAuth);
 * without either it is guest, as RabbitMQ's own tools have it.
 * @throws BrokerError `bad-address`.
 */
export async function amqpOptions(settings: ConnectionSettings): Promise<AmqpOptions> {
  const address = parseAddress(settings.address);
  const own = ownSettings(rabbitmqSettingTable, settings);
  const scheme = address.scheme ?? "amqp";
  if (scheme !== "amqp" && scheme !== "amqps") {
    throw new BrokerError("bad-address", `RabbitMQ is not spoken to by ${scheme}://; allowed are amqp:// and amqps:// (TLS).`);
  }
  const port = address.port ?? (scheme === "amqps" ? 5671 : 5672);
  const vhost = address.vhost ?? "/";
  const user = address.user ?? (settings.auth === undefined ? "guest" : "");
  const password = settings.auth ?? address.password ?? (address.user === undefined ? "guest" : "");
  return {
    connect: {
      protocol: scheme,
      hostname: address.host,
      port,
      username: user,
      password,
      // The library decodes it.
      vhost: encodeURIComponent(vhost),
      heartbeat: own.heartbeatSec,
    },
    socket: { noDelay: true, keepAlive: true, timeout: connectMs, ...(scheme === "amqps" ? await readTlsFiles(settings) : {}) },
    where: `${hostAndPort(address.host, port)}${vhost.startsWith("/") ? vhost : `/${vhost}`}`,
    vhost,
    user,
    ...own,
  };
}
