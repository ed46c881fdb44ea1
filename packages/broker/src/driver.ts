import type { Logger } from "@skyscan/runtime";
import type { Broker } from "./broker.ts";
import type { ResolveConnection } from "./connection-settings.ts";

export interface OpenOptions {
  readonly logger: Logger;
  /** The server needs rights to declare, the client does not: the preflight asks for what will be needed. */
  readonly purpose: "server" | "client";
}

/**
 * What a driver is: it connects once, fast, and returns a handle that keeps itself connected.
 * @throws BrokerError `unreachable`, `refused-credentials`, `refused-right`, `unsupported`, `bad-address`, `not-installed`.
 */
export type Connect = (resolve: ResolveConnection, options: OpenOptions) => Promise<Broker>;
