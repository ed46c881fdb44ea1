import { createChannel } from "@skyscan/runtime";
import type { Broker, Consumer, Delivery, Listener, Publisher } from "../../broker.ts";
import { createDeliveryBuffer } from "../../delivery-buffer.ts";
import { BrokerError } from "../../errors.ts";
import { publishingBy } from "../../handles.ts";
import { tooLarge } from "../../message-limit.ts";
import type { Handed, MemoryQueue } from "./queue.ts";
import type { QueueHost } from "./queue-host.ts";

const queueGone = (name: string): BrokerError => new BrokerError("queue-gone", `The queue ${name} does not exist (any more).`);
const handleClosed = (): BrokerError => new BrokerError("closed", "This broker handle was closed.");

/**
 * The host process's own handle on its queues: no network, never down. A publish is confirmed at once, since the responsibility stays in
 * this process; what must survive it is in the owner's journal. A missing queue is gone at once: nobody else could make it.
 */
export function createLocalBroker(host: QueueHost, description: () => string): Broker {
  const closers = new Set<() => void>();
  let closed = false;

  const find = (name: string): MemoryQueue => {
    if (closed) throw handleClosed();
    const queue = host.queue(name);
    if (queue === undefined) throw queueGone(name);
    return queue;
  };

  function publisher(name: string): Publisher {
    find(name);
    let open = true;
    const refusalOf = (body: Uint8Array): BrokerError | undefined => {
      if (!open || closed) return handleClosed();
      return tooLarge(body) ?? (host.queue(name) === undefined ? queueGone(name) : undefined);
    };
    return {
      ...publishingBy(refusalOf, (body, settled) => {
        find(name).publish(body);
        queueMicrotask(settled);
      }),
      publishUnconfirmed(body) {
        if (open && !closed && tooLarge(body) === undefined) host.queue(name)?.publish(body);
      },
      drain: () => Promise.resolve(),
      close() {
        open = false;
        return Promise.resolve();
      },
    };
  }

  function consumer(name: string, prefetch: number): Consumer {
    const buffer = createDeliveryBuffer<Handed>();
    const subscription = find(name).subscribe({
      prefetch,
      deliver: (handed) => void buffer.push(handed),
      gone: () => buffer.fail(queueGone(name)),
    });
    const close = (): void => {
      closers.delete(close);
      subscription.close();
      buffer.end();
    };
    closers.add(close);
    return {
      stop() {
        subscription.stop();
        for (const unread of buffer.takeUnread()) unread.requeue();
        buffer.end();
        return Promise.resolve();
      },
      close() {
        close();
        return Promise.resolve();
      },
      forEach: (handle) => buffer.forEach(handle),
      [Symbol.asyncIterator]: (): AsyncIterator<Delivery> => buffer[Symbol.asyncIterator](),
    };
  }

  function listener(control: string): Listener {
    if (closed) throw handleClosed();
    const channel = createChannel<Uint8Array>();
    const leave = host.listen(control, { broadcast: (body) => channel.push(body), gone: () => channel.fail(queueGone(control)) });
    if (leave === undefined) throw queueGone(control);
    const close = (): void => {
      closers.delete(close);
      leave();
      channel.end();
    };
    closers.add(close);
    return {
      close() {
        close();
        return Promise.resolve();
      },
      [Symbol.asyncIterator]: () => channel[Symbol.asyncIterator](),
    };
  }

  // Async, so that what goes wrong is a rejection as with every other driver.
  /* eslint-disable @typescript-eslint/require-await */
  return {
    get description() {
      return description();
    },
    maxHoldSec: null,
    async declare(queues, control) {
      if (closed) throw handleClosed();
      host.declare(queues, control);
    },
    async remove(queues, control) {
      if (closed) throw handleClosed();
      host.remove(queues, control);
    },
    publisher: async (queue) => publisher(queue),
    consumer: async (queue, options) => consumer(queue, options.prefetch),
    async broadcaster(control) {
      if (closed) throw handleClosed();
      return {
        async broadcast(body) {
          if (closed) throw handleClosed();
          const refusal = tooLarge(body);
          if (refusal !== undefined) throw refusal;
          if (!host.broadcast(control, body)) throw queueGone(control);
        },
        close: () => Promise.resolve(),
      };
    },
    listener: async (control) => listener(control),
    depth: async (queue) => find(queue).depth,
    purge: async (queue) => find(queue).purge(),
    async exists(queue) {
      if (closed) throw handleClosed();
      return host.queue(queue) !== undefined;
    },
    async lock(name) {
      if (closed) throw handleClosed();
      const release = host.lock(name);
      if (release === undefined) throw new BrokerError("locked", `${name} is held already in this process.`);
      closers.add(release);
      return {
        release() {
          closers.delete(release);
          release();
          return Promise.resolve();
        },
      };
    },
    onState: () => () => undefined,
    async close() {
      closed = true;
      for (const close of [...closers]) close();
    },
  };
  /* eslint-enable @typescript-eslint/require-await */
}
