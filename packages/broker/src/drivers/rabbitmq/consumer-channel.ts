import type { ConsumeMessage } from "amqplib";
import { createEndings } from "./endings.ts";
import type { Endings } from "./endings.ts";
import { closeChannel } from "./session.ts";
import type { AmqpSession } from "./session.ts";

/** A channel on which messages come in. */
export interface ConsumerChannel {
  readonly endings: Endings;
  open: boolean;
  /** A new consumer on it, which has so many messages out at most. Returns its tag. */
  consume(queue: string, prefetch: number, take: (message: ConsumeMessage) => void): Promise<string>;
  /** No new messages for this consumer; those that are out may still be ended. */
  cancel(tag: string): Promise<void>;
  close(): Promise<void>;
}

/** `closed`: by the broker (an overdue delivery, a queue that failed): all that was out on it goes back. */
export async function openConsumerChannel(session: AmqpSession, closed: () => void): Promise<ConsumerChannel> {
  const channel = await session.consuming.createChannel();
  const opened: ConsumerChannel = {
    endings: createEndings(channel, () => (opened.open = false)),
    open: true,
    async consume(queue, prefetch, take) {
      // A prefetch is of the consumers that begin after it: nothing may come between the two.
      const [, { consumerTag }] = await Promise.all([
        channel.prefetch(prefetch),
        channel.consume(queue, (message) => {
          // Cancelled by the broker: the queue was deleted, or lost its leader.
          if (message === null) void closeChannel(channel);
          else take(message);
        }),
      ]);
      return consumerTag;
    },
    async cancel(tag) {
      if (opened.open) await channel.cancel(tag).catch(() => undefined);
    },
    async close() {
      if (opened.open) await closeChannel(channel);
    },
  };
  channel.on("error", () => undefined);
  channel.on("close", () => {
    opened.open = false;
    closed();
  });
  return opened;
}
