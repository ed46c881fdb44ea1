import type { Broker, BrokerState } from "@skyscan/broker";
import type { Logger } from "@skyscan/runtime";
import type { Counters } from "../state/counters.ts";

export interface BrokerWatchOptions {
  readonly broker: Broker;
  readonly workQueue: string;
  readonly counters: Counters;
  readonly logger: Logger;
  /** The work queue came back without its contents. */
  readonly onEmptied: () => void;
  readonly onFailed: (error: Error) => void;
}

/** Follows the connection: what it is in words, and what has to be done about it. */
export interface BrokerWatch {
  readonly state: string;
  stop(): void;
}

export function watchBroker(options: BrokerWatchOptions): BrokerWatch {
  const { counters, logger } = options;
  let state = "up";

  function onState(next: BrokerState): void {
    switch (next.kind) {
      case "up":
        state = "up";
        if (!next.reconnected) return;
        counters.brokerReconnects += 1;
        logger.info({ emptied: next.emptied }, "the broker is back");
        if (!next.emptied.includes(options.workQueue)) return;
        counters.brokerEmptied += 1;
        options.onEmptied();
        return;
      case "down":
        state = `down (${next.reason})`;
        logger.warn({ reason: next.reason }, "the broker is gone: trying to come back");
        return;
      case "blocked":
        state = `blocked (${next.reason})`;
        counters.brokerBlocked += 1;
        logger.warn({ reason: next.reason }, "the broker takes nothing for now");
        return;
      case "failed":
        state = "failed";
        options.onFailed(next.error);
    }
  }

  const stop = options.broker.onState(onState);
  return {
    get state() {
      return state;
    },
    stop,
  };
}
