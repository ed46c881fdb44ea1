export { maxMessageBytes } from "@skyscan/runtime";
export { hostAndPort, isLoopback, parseAddress, withoutPassword } from "./address.ts";
export type { BrokerAddress } from "./address.ts";
export type {
  Broadcaster,
  Broker,
  BrokerState,
  Consumer,
  ConsumerOptions,
  Delivery,
  Listener,
  Lock,
  Publisher,
  QueueSpec,
  Settled,
} from "./broker.ts";
export type { Connect, OpenOptions } from "./driver.ts";
export { createEmbeddedHost } from "./drivers/embedded/host.ts";
export type { EmbeddedHost, EmbeddedHostOptions } from "./drivers/embedded/host.ts";
export { BrokerError } from "./errors.ts";
export type { BrokerErrorCode } from "./errors.ts";
export { publishingWith, readingWith } from "./handles.ts";
export { openBroker } from "./open.ts";
export { drivers } from "./registry.ts";
export type { DriverRow } from "./registry.ts";
export type { ConnectionSettings, ResolveConnection } from "./connection-settings.ts";
