import { pause } from "@skyscan/runtime";
import type { PulsarConsumer } from "./transport.ts";

/** Pulsar's clients gather what they say for as long before they say it, milliseconds. */
const gatherMs = 100;
/** What was said longer ago has arrived, or will not. An ack that does not costs a repetition only. */
const mostMs = { ack: 500, giveBack: 3000 };
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
 * A consumer that goes only when what it acked and gave back has arrived: Pulsar's ends wait a while before they say so.
 * - The Java client behind the WebSocket service takes out the acks it gathered in one thread and may say in another that the consumer goes before they are
 *   written (`PersistentAcknowledgmentsGroupingTracker.flush`): the broker then hands out again what was acked.
 * - What has not arrived does not count as given back, and the WebSocket service would break its connection to the broker, which is that of everybody who uses
 *   the service.
 */
export interface Leaving {
  readonly consumer: PulsarConsumer;
  /** To be told of each message that comes. */
  readonly came: () => void;
}

export function leavingInOrder({ consumer, unacked, lost }: LeavingOptions): Leaving {
  let out = 0;
  let saidMs = Number.NEGATIVE_INFINITY;
  let arrivedByMs = Number.NEGATIVE_INFINITY;

  function says(what: keyof typeof mostMs): void {
    out -= 1;
    saidMs = performance.now();
    arrivedByMs = Math.max(arrivedByMs, saidMs + mostMs[what]);
  }

  async function arrived(): Promise<void> {
    await pause(Math.max(0, saidMs + gatherMs - performance.now()));
    try {
      for (;;) {
        const counted = await unacked();
        if (counted === undefined || counted <= out || performance.now() > arrivedByMs) return;
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
        says("ack");
        consumer.ack(id);
      },
      giveBack(id) {
        says("giveBack");
        consumer.giveBack(id);
      },
      async close() {
        if (performance.now() < arrivedByMs) await Promise.race([arrived(), lost]);
        await consumer.close();
      },
    },
  };
}
