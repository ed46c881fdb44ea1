import { countFromOne, oneOf, optional, positiveNumber, text } from "@skyscan/runtime";
import type { Setting } from "@skyscan/runtime";

/** The environment of every process that talks to a broker. */
export const brokerSettingTable = {
  client: {
    env: "SKYSCAN_BROKER_CLIENT",
    kind: optional(oneOf("rabbitmq", "pulsar", "nats", "embedded")),
    default: undefined,
    doc: "Which broker: rabbitmq (when an address is given), pulsar, nats or embedded (when no address is given).",
  } as Setting<"rabbitmq" | "pulsar" | "nats" | "embedded" | undefined>,
  address: {
    env: "SKYSCAN_BROKER_ADDRESS",
    kind: optional(text),
    default: undefined,
    doc: "Broker address, [SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/VHOST]. Unset: the broker inside the server (embedded).",
  } as Setting<string | undefined>,
  auth: {
    env: "SKYSCAN_BROKER_AUTH",
    kind: optional(text),
    default: undefined,
    secret: true,
    doc: "Broker token or password; replaces the password of the address.",
  } as Setting<string | undefined>,
  caFile: {
    env: "SKYSCAN_BROKER_CA_FILE",
    kind: optional(text),
    default: undefined,
    doc: "PEM file of the certificate authority that signed the broker's certificate.",
  } as Setting<string | undefined>,
  certFile: {
    env: "SKYSCAN_BROKER_CERT_FILE",
    kind: optional(text),
    default: undefined,
    doc: "PEM file of this side's certificate, where the broker asks for one.",
  } as Setting<string | undefined>,
  keyFile: {
    env: "SKYSCAN_BROKER_KEY_FILE",
    kind: optional(text),
    default: undefined,
    doc: "PEM file of the key of that certificate.",
  } as Setting<string | undefined>,
  lostSec: {
    env: "SKYSCAN_BROKER_LOST_SEC",
    kind: positiveNumber,
    default: 600,
    doc: "How long a broker that went away may stay away before the process gives up (status 4), seconds.",
  } as Setting<number>,
  heartbeatSec: {
    env: "RABBITMQ_HEARTBEAT",
    kind: countFromOne,
    default: 60,
    doc: "AMQP heartbeat, seconds.",
  } as Setting<number>,
  rabbitmqConsumerTimeoutSec: {
    env: "SKYSCAN_RABBITMQ_CONSUMER_TIMEOUT_SEC",
    kind: positiveNumber,
    default: 1800,
    doc: "The RabbitMQ server's consumer_timeout, seconds: a fit that takes longer than half of it is handed over to the server's care.",
  } as Setting<number>,
} as const;

/** What a driver needs to connect. Secrets are read anew for each connection, since tokens expire during long scans. */
export interface ConnectionSettings {
  readonly client: "rabbitmq" | "embedded" | "pulsar" | "nats";
  readonly address: string;
  /** Token or password; replaces the address's. */
  readonly auth?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly heartbeatSec: number;
  readonly lostSec: number;
  /** How long a queue may be missing before it counts as gone, seconds. */
  readonly goneSec: number;
  readonly rabbitmqConsumerTimeoutSec: number;
}

/** Called before every (re)connection. */
export type ResolveConnection = () => Promise<ConnectionSettings>;
