import { createChannel, within } from "@skyscan/runtime";
import type { Consumer, Delivery, Listener, Publisher } from "../../broker.ts";
import { createDeliveryBuffer } from "../../delivery-buffer.ts";
import { BrokerError } from "../../errors.ts";
import { publishingBy } from "../../handles.ts";
import { tooLarge } from "../../message-limit.ts";
import { createPendingPublishes } from "../../pending-publishes.ts";
import { createReopener } from "../../reopener.ts";
import type { Reopener } from "../../reopener.ts";
import type { Supervisor } from "../../supervisor.ts";
import type { Wire, WireHandler } from "./wire.ts";

const queueGone = (name: string): BrokerError =>
  new BrokerError("queue-gone", `The queue ${name} does not exist (any more) at the embedded broker.`);
const publisherClosed = (): BrokerError => new BrokerError("closed", "This publisher was closed.");

interface Opened {
  readonly reopener: Reopener;
  /** The wire and handle that are open now. */
  readonly current: () => { readonly wire: Wire; readonly handle: number } | undefined;
}

/** Opens `name` on every wire and keeps it open; `handler` gets what arrives, `opened` is called each time it is usable. */
function keepOpen(
  supervisor: Supervisor<Wire>,
  kind: "publisher" | "consumer" | "listener",
  name: string,
  options: {
    readonly prefetch?: number;
    readonly handler?: (wire: Wire) => Pick<WireHandler, "deliver" | "broadcast">;
    readonly opened?: (wire: Wire, handle: number) => void;
    readonly detached?: () => void;
    readonly failed: (error: BrokerError) => void;
  },
): Opened {
  let current: { readonly wire: Wire; readonly handle: number } | undefined;
  const reopener = createReopener<Wire>({
    supervisor,
    open: (wire) =>
      new Promise<void>((resolve, reject) => {
        const handle = wire.open(
          kind,
          name,
          {
            ...options.handler?.(wire),
            opened() {
              current = { wire, handle };
              resolve();
              options.opened?.(wire, handle);
            },
            missing() {
              const wasOpen = current?.wire === wire;
              current = undefined;
              if (wasOpen) {
                options.detached?.();
                reopener.reopen();
              }
              reject(queueGone(name));
            },
          },
          options.prefetch,
        );
        void wire.lost.then(reject);
      }),
    detached() {
      current = undefined;
      options.detached?.();
    },
    failed: options.failed,
  });
  return { reopener, current: () => current };
}

/** Resolves when it is open, and closes it when it never will be. */
async function firstOpen<T>(opened: Opened, endpoint: T): Promise<T> {
  await opened.reopener.ready;
  return endpoint;
}

export async function openRemotePublisher(supervisor: Supervisor<Wire>, name: string): Promise<Publisher> {
  const pending = createPendingPublishes<undefined>();
  let failure: BrokerError | undefined;
  const fail = (error: BrokerError): void => {
    failure ??= error;
    pending.failAll(error);
  };
  const opened = keepOpen(supervisor, "publisher", name, {
    opened(wire, handle) {
      for (const entry of pending) wire.publish(handle, entry.body, () => pending.settle(entry));
    },
    failed: fail,
  });

  return firstOpen(opened, {
    ...publishingBy(
      (body) => failure ?? tooLarge(body),
      (body, settled) => {
        const entry = pending.add(body, undefined, settled);
        const now = opened.current();
        now?.wire.publish(now.handle, body, () => pending.settle(entry));
      },
    ),
    publishUnconfirmed(body) {
      const now = opened.current();
      if (now !== undefined && tooLarge(body) === undefined) now.wire.publishUnconfirmed(now.handle, body);
    },
    drain: () => pending.drain(),
    async close() {
      await within(5000, pending.drain(), undefined);
      const now = opened.current();
      now?.wire.closeHandle(now.handle);
      opened.reopener.close();
      fail(publisherClosed());
    },
  });
}

export async function openRemoteConsumer(supervisor: Supervisor<Wire>, name: string, prefetch: number): Promise<Consumer> {
  const buffer = createDeliveryBuffer<Delivery>();
  const receiver = (wire: Wire) => ({
    deliver(tag: number, deliveryCount: number, body: Uint8Array): void {
      let ended = false;
      const once = (how: (tag: number) => void) => (): void => {
        if (ended) return;
        ended = true;
        how(tag);
      };
      const delivery = {
        body,
        deliveryCount,
        ack: once((ended) => wire.ack(ended)),
        requeue: once((ended) => wire.requeue(ended)),
      };
      // It was under way when the consumer was stopped.
      if (!buffer.push(delivery)) delivery.requeue();
    },
  });
  const opened = keepOpen(supervisor, "consumer", name, {
    prefetch,
    handler: receiver,
    detached: () => void buffer.takeUnread(),
    failed: (error) => (error.code === "closed" ? buffer.end() : buffer.fail(error)),
  });

  return firstOpen(opened, {
    async stop() {
      const now = opened.current();
      opened.reopener.close();
      now?.wire.stop(now.handle);
      for (const unread of buffer.takeUnread()) unread.requeue();
      buffer.end();
      await now?.wire.written();
    },
    async close() {
      const now = opened.current();
      opened.reopener.close();
      buffer.end();
      now?.wire.closeHandle(now.handle);
      await now?.wire.written();
    },
    forEach: (handle) => buffer.forEach(handle),
    [Symbol.asyncIterator]: () => buffer[Symbol.asyncIterator](),
  });
}

export async function openRemoteListener(supervisor: Supervisor<Wire>, control: string): Promise<Listener> {
  const channel = createChannel<Uint8Array>();
  const opened = keepOpen(supervisor, "listener", control, {
    handler: () => ({ broadcast: (body) => channel.push(body) }),
    failed: (error) => (error.code === "closed" ? channel.end() : channel.fail(error)),
  });
  return firstOpen(opened, {
    close() {
      const now = opened.current();
      opened.reopener.close();
      channel.end();
      now?.wire.closeHandle(now.handle);
      return Promise.resolve();
    },
    [Symbol.asyncIterator]: () => channel[Symbol.asyncIterator](),
  });
}
