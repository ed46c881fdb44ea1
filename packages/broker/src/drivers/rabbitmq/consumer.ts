import type { Channel, ConsumeMessage } from "amqplib";
import type { Consumer, Delivery } from "../../broker.ts";
import { createDeliveryBuffer } from "../../delivery-buffer.ts";
import { createReopener } from "../../reopener.ts";
import type { Supervisor } from "../../supervisor.ts";
import { createEndings } from "./endings.ts";
import type { Endings } from "./endings.ts";
import { channelFailure } from "./failures.ts";
import type { AmqpSession } from "./session.ts";

interface OpenChannel {
  readonly channel: Channel;
  readonly endings: Endings;
  open: boolean;
  consumerTag: string;
}

/** Quorum queues count; classic ones only say whether it is the first time. */
function deliveryCountOf({ fields, properties }: ConsumeMessage): number | undefined {
  const count: unknown = properties.headers?.["x-delivery-count"];
  if (typeof count === "number") return count;
  return fields.redelivered ? undefined : 0;
}

export async function openConsumer(supervisor: Supervisor<AmqpSession>, queue: string, prefetch: number): Promise<Consumer> {
  const buffer = createDeliveryBuffer<Delivery>();
  let current: OpenChannel | undefined;

  function delivery(message: ConsumeMessage, on: OpenChannel): Delivery {
    let ended = false;
    const deliveryCount = deliveryCountOf(message);
    // On a channel that is closed the message is the broker's again: nothing to say.
    const end = (how: (message: ConsumeMessage) => void) => (): void => {
      if (ended || !on.open) return;
      ended = true;
      how(message);
    };
    return {
      body: message.content,
      ...(deliveryCount !== undefined && { deliveryCount }),
      ack: end(on.endings.ack),
      requeue: end(on.endings.requeue),
    };
  }

  async function open(session: AmqpSession): Promise<void> {
    const channel = await session.consuming.createChannel();
    const opened: OpenChannel = {
      channel,
      endings: createEndings(channel, () => (opened.open = false)),
      open: true,
      consumerTag: "",
    };
    channel.on("error", () => undefined);
    // By the broker: an overdue delivery, a queue that failed. All that was out on it goes back.
    channel.on("close", () => {
      opened.open = false;
      if (current !== opened) return;
      current = undefined;
      buffer.takeUnread();
      reopener.reopen();
    });
    try {
      await channel.prefetch(prefetch);
      const { consumerTag } = await channel.consume(queue, (message) => {
        if (message === null) {
          // Cancelled by the broker: the queue was deleted, or lost its leader.
          void channel.close().catch(() => undefined);
          return;
        }
        const arrived = delivery(message, opened);
        // It was under way when the consumer was stopped.
        if (!buffer.push(arrived)) arrived.requeue();
      });
      opened.consumerTag = consumerTag;
      current = opened;
      if (!opened.open) throw new Error("the channel was closed while it was opened");
    } catch (error) {
      current = undefined;
      buffer.takeUnread();
      if (opened.open) await channel.close().catch(() => undefined);
      throw channelFailure(error, `the queue ${queue}`);
    }
  }

  const reopener = createReopener<AmqpSession>({
    supervisor,
    open,
    detached() {
      if (current !== undefined) current.open = false;
      current = undefined;
      buffer.takeUnread();
    },
    failed: (error) => (error.code === "closed" ? buffer.end() : buffer.fail(error)),
  });
  await reopener.ready;

  return {
    async stop() {
      reopener.close();
      const now = current;
      for (const unread of buffer.takeUnread()) unread.requeue();
      buffer.end();
      if (now?.open === true) await now.channel.cancel(now.consumerTag).catch(() => undefined);
    },
    async close() {
      reopener.close();
      const now = current;
      current = undefined;
      buffer.end();
      now?.endings.flush();
      if (now?.open === true) await now.channel.close().catch(() => undefined);
    },
    [Symbol.asyncIterator]: () => buffer[Symbol.asyncIterator](),
  };
}
