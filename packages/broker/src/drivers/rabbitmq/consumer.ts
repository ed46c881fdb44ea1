import type { ConsumeMessage } from "amqplib";
import type { Consumer, ConsumerOptions, Delivery } from "../../broker.ts";
import { createDeliveryBuffer } from "../../delivery-buffer.ts";
import type { DeliveryBuffer } from "../../delivery-buffer.ts";
import { createReopener } from "../../reopener.ts";
import type { Supervisor } from "../../supervisor.ts";
import { openConsumerChannel } from "./consumer-channel.ts";
import type { ConsumerChannel } from "./consumer-channel.ts";
import { channelFailure } from "./failures.ts";
import type { AmqpSession } from "./session.ts";

/**
 * Consumers of one queue on one channel, each with its own prefetch. When a connection is lost, RabbitMQ takes its channels down one by one: what came
 * over the first would go out once more over the second, and count as returned twice.
 */
interface ChannelMates {
  join(prefetch: number): Promise<Consumer>;
  /** Somebody is still there. */
  readonly alive: boolean;
}

interface Mate {
  readonly prefetch: number;
  readonly buffer: DeliveryBuffer<Delivery>;
  /** What is out, read or not. */
  readonly out: Set<Delivery>;
  /** What nobody will read. It goes back once the consumer is cancelled: before, it would come to that again, and count. */
  unwanted: Delivery[];
  tag: string | undefined;
  stopped: boolean;
}

/** Quorum queues count; classic ones only say whether it is the first time. */
function deliveryCountOf({ fields, properties }: ConsumeMessage): number | undefined {
  const count: unknown = properties.headers?.["x-delivery-count"];
  if (typeof count === "number") return count;
  return fields.redelivered ? undefined : 0;
}

/** Ended once; and on a channel that is closed the message is the broker's again: nothing to say. */
class AmqpDelivery implements Delivery {
  readonly body: Uint8Array;
  readonly deliveryCount?: number;
  private readonly message: ConsumeMessage;
  private readonly out: Set<Delivery>;
  private readonly on: ConsumerChannel;

  constructor(message: ConsumeMessage, out: Set<Delivery>, on: ConsumerChannel) {
    const deliveryCount = deliveryCountOf(message);
    this.body = message.content;
    if (deliveryCount !== undefined) this.deliveryCount = deliveryCount;
    this.message = message;
    this.out = out;
    this.on = on;
  }
  ack(): void {
    if (this.out.delete(this) && this.on.open) this.on.endings.ack(this.message);
  }
  requeue(): void {
    if (this.out.delete(this) && this.on.open) this.on.endings.requeue(this.message);
  }
}

const matesOf = new WeakMap<Consumer, ChannelMates>();

export async function openConsumer(
  supervisor: Supervisor<AmqpSession>,
  queue: string,
  { prefetch, beside }: ConsumerOptions,
): Promise<Consumer> {
  const there = beside === undefined ? undefined : matesOf.get(beside);
  const mates = there?.alive === true ? there : createChannelMates(supervisor, queue);
  const consumer = await mates.join(prefetch);
  matesOf.set(consumer, mates);
  return consumer;
}

function createChannelMates(supervisor: Supervisor<AmqpSession>, queue: string): ChannelMates {
  const mates = new Set<Mate>();
  let current: ConsumerChannel | undefined;

  const forgetUnread = (): void => {
    for (const mate of mates) {
      mate.tag = undefined;
      mate.out.clear();
      mate.unwanted = [];
      mate.buffer.takeUnread();
    }
  };

  async function start(mate: Mate, on: ConsumerChannel): Promise<void> {
    mate.tag = await on.consume(queue, mate.prefetch, (message) => {
      const arrived = new AmqpDelivery(message, mate.out, on);
      mate.out.add(arrived);
      // It was under way when the consumer was stopped.
      if (!mate.buffer.push(arrived)) mate.unwanted.push(arrived);
    });
    if (mate.stopped) await cancel(mate);
  }

  async function cancel(mate: Mate): Promise<void> {
    if (current !== undefined && mate.tag !== undefined) await current.cancel(mate.tag);
    for (const delivery of mate.unwanted.splice(0)) delivery.requeue();
  }

  async function open(session: AmqpSession): Promise<void> {
    const opened = await openConsumerChannel(session, () => {
      if (current !== opened) return;
      current = undefined;
      forgetUnread();
      reopener.reopen();
    });
    try {
      for (const mate of mates) if (!mate.stopped) await start(mate, opened);
      if (!opened.open) throw new Error("the channel was closed while it was opened");
      current = opened;
    } catch (error) {
      forgetUnread();
      await opened.close();
      throw channelFailure(error, `the queue ${queue}`);
    }
  }

  const reopener = createReopener<AmqpSession>({
    supervisor,
    open,
    detached() {
      if (current !== undefined) current.open = false;
      current = undefined;
      forgetUnread();
    },
    failed(error) {
      for (const { buffer } of mates) {
        if (error.code === "closed") buffer.end();
        else buffer.fail(error);
      }
    },
  });

  async function stop(mate: Mate): Promise<void> {
    mate.stopped = true;
    mate.unwanted.push(...mate.buffer.takeUnread());
    mate.buffer.end();
    // Nobody is left for whom it would have to be opened again.
    if ([...mates].every(({ stopped }) => stopped)) reopener.close();
    await cancel(mate);
  }

  async function close(mate: Mate): Promise<void> {
    mate.stopped = true;
    mate.buffer.end();
    mates.delete(mate);
    if (mates.size > 0) {
      mate.unwanted = [...mate.out];
      await cancel(mate);
      return;
    }
    reopener.close();
    const on = current;
    current = undefined;
    on?.endings.flush();
    await on?.close();
  }

  return {
    async join(prefetch) {
      const mate: Mate = {
        prefetch,
        buffer: createDeliveryBuffer<Delivery>(),
        out: new Set(),
        unwanted: [],
        tag: undefined,
        stopped: false,
      };
      mates.add(mate);
      // One that fails now has taken the channel with it: it starts when that is opened again.
      if (current === undefined) await reopener.ready;
      else await start(mate, current).catch(() => undefined);
      return {
        stop: () => stop(mate),
        close: () => close(mate),
        forEach: (handle) => mate.buffer.forEach(handle),
        [Symbol.asyncIterator]: () => mate.buffer[Symbol.asyncIterator](),
      };
    },
    get alive() {
      return [...mates].some(({ stopped }) => !stopped);
    },
  };
}
