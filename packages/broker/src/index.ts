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
} from "./broker.ts";
export { BrokerError } from "./errors.ts";
export type { BrokerErrorCode } from "./errors.ts";
export { brokerSettingTable } from "./settings.ts";
export type { ConnectionSettings, ResolveConnection } from "./settings.ts";
