import type { SettingTable } from "@skyscan/runtime";
import type { Connect } from "./driver.ts";
import { natsSettingTable } from "./drivers/nats/settings.ts";
import { pulsarSettingTable } from "./drivers/pulsar/settings.ts";
import { rabbitmqSettingTable } from "./drivers/rabbitmq/settings.ts";

export interface DriverRow {
  /** What `SKYSCAN_BROKER_CLIENT` calls it. */
  readonly client: string;
  /** One line for people: what it is. */
  readonly about: string;
  /** Settings that only this driver has: `ownSettings` reads their values. */
  readonly settings?: SettingTable;
  /** Imported only when it is used, so that a client library costs nothing where another broker is spoken to. */
  readonly load: () => Promise<Connect>;
}

/** One row per driver: all that a new broker needs beside its own folder. */
export const drivers: readonly DriverRow[] = [
  {
    client: "embedded",
    about: "the broker inside the server process: no installation, over gRPC",
    load: async () => (await import("./drivers/embedded/connect.ts")).connectEmbedded,
  },
  {
    client: "rabbitmq",
    about: "RabbitMQ 3.10 or newer: quorum queues, over AMQP",
    settings: rabbitmqSettingTable,
    load: async () => (await import("./drivers/rabbitmq/connect.ts")).connectRabbitmq,
  },
  {
    client: "nats",
    about: "NATS 2.9 or newer with JetStream: work-queue streams",
    settings: natsSettingTable,
    load: async () => (await import("./drivers/nats/connect.ts")).connectNats,
  },
  {
    client: "pulsar",
    about: "Pulsar 3.0 or newer: topics with one shared subscription, over WebSocket or the binary protocol",
    settings: pulsarSettingTable,
    load: async () => (await import("./drivers/pulsar/connect.ts")).connectPulsar,
  },
];

/** Whom an address belongs to when nobody says. */
export const defaultClient = "rabbitmq";
