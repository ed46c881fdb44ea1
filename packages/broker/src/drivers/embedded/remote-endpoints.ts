import { createChannel, within } from "@skyscan/runtime";
import type { Consumer, Delivery, Listener, Publisher } from "../../broker.ts";
import { createDeliveryBuffer } from "../../delivery-buffer.ts";
import { BrokerError } from "../../errors.ts";
import { tooLarge } from "../../message-limit.ts";
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
  interface Entry {
    readonly body: Uint8Array;
    readonly resolve: () => void;
    readonly reject: (error: BrokerError) => void;
  }
  // In the order of the calls: what is not confirmed is sent again on the next wire.
  const pending = new Set<Entry>();
  let failure: BrokerError | undefined;
  let idle: (() => void)[] = [];

  const settle = (entry: Entry, error?: BrokerError): void => {
    if (!pending.delete(entry)) return;
    if (error === undefined) entry.resolve();
    else entry.reject(error);
    if (pending.size > 0) return;
    const callbacks = idle;
    idle = [];
    for (const callback of callbacks) callback();
  };
  const send = (wire: Wire, handle: number, entry: Entry): void => wire.publish(handle, entry.body, () => settle(entry));
  const fail = (error: BrokerError): void => {
    failure ??= error;
    for (const entry of [...pending]) settle(entry, error);
  };
  const opened = keepOpen(supervisor, "publisher", name, {
    opened(wire, handle) {
      for (const entry of pending) send(wire, handle, entry);
    },
    failed: fail,
  });
  const drain = (): Promise<void> => (pending.size === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve)));

  return firstOpen(opened, {
    publish(body) {
      return new Promise<void>((resolve, reject) => {
        const refusal = failure ?? tooLarge(body);
        if (refusal !== undefined) {
          reject(refusal);
          return;
        }
        const entry: Entry = { body, resolve, reject };
        pending.add(entry);
        const now = opened.current();
        if (now !== undefined) send(now.wire, now.handle, entry);
      });
    },
    publishUnconfirmed(body) {
      const now = opened.current();
      if (now !== undefined && tooLarge(body) === undefined) now.wire.publishUnconfirmed(now.handle, body);
    },
    drain,
    async close() {
      await within(5000, drain(), undefined);
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
      buffer.push({ body, deliveryCount, ack: once(wire.ack), requeue: once(wire.requeue) });
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
