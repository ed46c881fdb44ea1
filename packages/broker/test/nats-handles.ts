import { afterEach } from "vitest";
import { openBroker } from "@skyscan/broker";
import type { Broker, BrokerState, ConnectionSettings } from "@skyscan/broker";
import { silentLogger } from "@skyscan/runtime";

/** What a client holds without a sign goes back after so long in these tests, seconds. */
export const ackWaitSec = 2;

export interface NatsChoices extends Partial<Omit<ConnectionSettings, "address">> {
  /** Default: client. */
  readonly purpose?: "server" | "client";
}

/** Opens handles; those of a test are closed after it. To be called within a `describe`. */
export function natsHandles(): (address: string, choices?: NatsChoices) => Promise<Broker> {
  const open: Broker[] = [];
  afterEach(async () => {
    for (const broker of open.splice(0)) await broker.close();
  });
  return async (address, { purpose = "client", ...choices } = {}) => {
    const settings: ConnectionSettings = {
      client: "nats",
      address,
      lostSec: 60,
      goneSec: 10,
      own: { SKYSCAN_NATS_ACK_WAIT_SEC: ackWaitSec, SKYSCAN_NATS_PING_SEC: 1 },
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
