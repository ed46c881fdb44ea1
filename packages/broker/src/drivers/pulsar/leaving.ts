import { pause } from "@skyscan/runtime";
import type { PulsarConsumer } from "./transport.ts";

/** What was given back longer ago has arrived, or will not; milliseconds. */
const mostMs = 3000;
const askMs = 50;
/** Where the broker cannot be asked. */
const blindMs = 500;

export interface LeavingOptions {
  readonly consumer: PulsarConsumer;
  /** How many messages the broker counts as out at this consumer; undefined when it does not know it. */
  readonly unacked: () => Promise<number | undefined>;
  readonly lost: Promise<unknown>;
}

/**
 * A consumer that goes only when what it gave back has arrived: Pulsar's ends wait a while before they say so. If it went sooner, it would not count as given
 * back, and the WebSocket service would break its connection to the broker, which is that of everybody who uses the service.
 */
export interface Leaving {
  readonly consumer: PulsarConsumer;
  /** To be told of each message that comes. */
  readonly came: () => void;
}

export function leavingInOrder({ consumer, unacked, lost }: LeavingOptions): Leaving {
  let out = 0;
  let gaveBackMs = Number.NEGATIVE_INFINITY;

  async function arrived(): Promise<void> {
    try {
      for (;;) {
        const counted = await unacked();
        if (counted === undefined || counted <= out || performance.now() - gaveBackMs > mostMs) return;
        await pause(askMs);
      }
    } catch {
      await pause(blindMs);
    }
  }

  return {
    came: () => void (out += 1),
    consumer: {
      ...consumer,
      ack(id) {
        out -= 1;
        consumer.ack(id);
      },
      giveBack(id) {
        out -= 1;
        gaveBackMs = performance.now();
        consumer.giveBack(id);
      },
      async close() {
        if (performance.now() - gaveBackMs < mostMs) await Promise.race([arrived(), lost]);
        await consumer.close();
      },
    },
  };
}
