import type { Channel, Message } from "amqplib";

/** Acks and requeues of one channel. Acks of one turn of the event loop leave together: a stretch without gaps is one frame. */
export interface Endings {
  readonly ack: (message: Message) => void;
  readonly requeue: (message: Message) => void;
  /** Writes the acks that wait. */
  readonly flush: () => void;
}

/** `closing`: the connection was found closing under it. */
export function createEndings(channel: Pick<Channel, "ack" | "nack">, closing: () => void): Endings {
  /** n.b. delivery tags count from 1 on every channel, and acking up to a tag leaves out what was ended before. */
  let endedUpTo = 0;
  const endedBeyond = new Set<number>();
  let acks: Message[] = [];

  function say(how: () => void): void {
    try {
      how();
    } catch {
      closing();
    }
  }

  function ended(tag: number): void {
    if (tag > endedUpTo + 1) {
      endedBeyond.add(tag);
      return;
    }
    endedUpTo = tag;
    while (endedBeyond.delete(endedUpTo + 1)) endedUpTo += 1;
  }

  function flush(): void {
    const waiting = acks;
    acks = [];
    let last: Message | undefined;
    for (const message of waiting) {
      const tag = message.fields.deliveryTag;
      if (tag > endedUpTo) say(() => channel.ack(message));
      else if (last === undefined || tag > last.fields.deliveryTag) last = message;
    }
    if (last !== undefined) say(() => channel.ack(last, true));
  }

  return {
    ack(message) {
      if (acks.length === 0) setImmediate(flush);
      acks.push(message);
      ended(message.fields.deliveryTag);
    },
    requeue(message) {
      ended(message.fields.deliveryTag);
      say(() => channel.nack(message, false, true));
    },
    flush,
  };
}
