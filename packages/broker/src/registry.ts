import type { Connect } from "./driver.ts";
import type { ConnectionSettings } from "./settings.ts";

export interface DriverRow {
  readonly client: ConnectionSettings["client"];
  /** One line for people: what it is. */
  readonly about: string;
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
    load: async () => (await import("./drivers/rabbitmq/connect.ts")).connectRabbitmq,
  },
];
