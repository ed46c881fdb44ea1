import { afterEach } from "vitest";
import { openBroker } from "@skyscan/broker";
import type { Broker, BrokerState, ConnectionSettings } from "@skyscan/broker";
import { silentLogger } from "@skyscan/runtime";

export interface PulsarChoices extends Partial<Omit<ConnectionSettings, "address">> {
  /** Default: client. */
  readonly purpose?: "server" | "client";
}

/** Opens handles; those of a test are closed after it. To be called within a `describe`. */
export function pulsarHandles(): (address: string, choices?: PulsarChoices) => Promise<Broker> {
  const open: Broker[] = [];
  afterEach(async () => {
    for (const broker of open.splice(0)) await broker.close();
  });
  return async (address, { purpose = "client", ...choices } = {}) => {
    const settings: ConnectionSettings = {
      client: "pulsar",
      address,
      lostSec: 60,
      goneSec: 10,
      own: { SKYSCAN_PULSAR_PING_SEC: 1 },
      ...choices,
    };
    const broker = await openBroker(() => Promise.resolve(settings), { logger: silentLogger, purpose });
    open.push(broker);
    return broker;
  };
}

/** The next state of this kind. */
export const nextState = (broker: Broker, kind: BrokerState["kind"]): Promise<BrokerState> =>
  new Promise((resolve) => {
    const off = broker.onState((state) => {
      if (state.kind !== kind) return;
      off();
      resolve(state);
    });
  });
