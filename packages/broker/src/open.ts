import type { Broker } from "./broker.ts";
import type { OpenOptions } from "./driver.ts";
import { BrokerError } from "./errors.ts";
import { drivers } from "./registry.ts";
import type { ResolveConnection } from "./connection-settings.ts";

/**
 * Connects to the broker that the settings name. The first attempt fails fast; from then on the handle reconnects by itself, asking
 * `resolve` each time.
 * @throws BrokerError `unreachable`, `refused-credentials`, `refused-right`, `unsupported`, `bad-address`, `not-installed`.
 */
export async function openBroker(resolve: ResolveConnection, options: OpenOptions): Promise<Broker> {
  const { client } = await resolve();
  const row = drivers.find((driver) => driver.client === client);
  if (row === undefined) {
    const known = drivers.map((driver) => driver.client).join(", ");
    throw new BrokerError(
      "unsupported",
      `There is no driver for the broker "${client}" in this version; SKYSCAN_BROKER_CLIENT allows: ${known}.`,
    );
  }
  const connect = await row.load();
  return connect(resolve, options);
}
