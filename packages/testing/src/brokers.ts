import { natsMissing, startNats } from "./nats.ts";
import { pulsarMissing, startPulsar } from "./pulsar.ts";
import { brokerOfRabbitmq } from "./rabbitmq-broker.ts";
import { rabbitmqMissing, startRabbitmq } from "./rabbitmq.ts";
import { rabbitmq4Missing, startRabbitmq4 } from "./rabbitmq4.ts";
import type { TestBroker } from "./test-broker.ts";

export interface BrokerLauncher {
  /** Also of the tests' tier. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** The first launcher of a driver is the one for tests that need one of each. */
  readonly client: string;
  /** Why there is none on this machine; undefined when it can be started. */
  readonly missing: string | undefined;
  readonly hasAlarms: boolean;
  readonly start: () => Promise<TestBroker>;
}

/** One row per broker that is started in front of a driver. */
export const brokerLaunchers: readonly BrokerLauncher[] = [
  {
    name: "rabbitmq",
    title: "RabbitMQ",
    client: "rabbitmq",
    missing: rabbitmqMissing,
    hasAlarms: true,
    start: async () => brokerOfRabbitmq(await startRabbitmq()),
  },
  {
    name: "rabbitmq4",
    title: "RabbitMQ 4",
    client: "rabbitmq",
    missing: rabbitmq4Missing,
    hasAlarms: true,
    start: async () => brokerOfRabbitmq(await startRabbitmq4()),
  },
  {
    name: "nats",
    title: "NATS",
    client: "nats",
    missing: natsMissing,
    hasAlarms: false,
    start: () => startNats(),
  },
  {
    name: "pulsar",
    title: "Pulsar",
    client: "pulsar",
    missing: pulsarMissing,
    hasAlarms: false,
    start: () => startPulsar(),
  },
];

/** One broker of each driver. */
export const driverLaunchers: readonly BrokerLauncher[] = brokerLaunchers.filter(
  ({ client }, index) => brokerLaunchers.findIndex((other) => other.client === client) === index,
);
