import { isDeepStrictEqual } from "node:util";
import { BrokerError, maxMessageBytes, publishingWith } from "@skyscan/broker";
import type { Connect } from "@skyscan/broker";
import { createChannel, pause } from "@skyscan/runtime";
import type { Channel } from "@skyscan/runtime";
import { createMemoryQueue, gone } from "./memory-queue.ts";
import type { MemoryQueue } from "./memory-queue.ts";

/** What a broker holds. The handles of one process meet here. */
interface Store {
  readonly queues: Map<string, MemoryQueue>;
  readonly controls: Map<string, Set<Channel<Uint8Array>>>;
  readonly locks: Set<string>;
}

/** The brokers of this process, by address. */
const stores = new Map<string, Store>();

/** Opens the broker of that address in this process: the first server that comes makes it. */
// Async also where nothing is awaited: what goes wrong is a rejection.
/* eslint-disable @typescript-eslint/require-await */
export const connectMemory: Connect = async (resolve, { purpose }) => {
  const { address, goneSec } = await resolve();
  const store: Store = stores.get(address) ?? { queues: new Map(), controls: new Map(), locks: new Set() };
  if (purpose === "server") stores.set(address, store);
  else if (!stores.has(address)) throw new BrokerError("unreachable", `No server made ${address}.`, { retryable: true });
  const { queues, controls, locks } = store;
  const closers = new Set<() => unknown>();
  let closed = false;

  const open = (): void => {
    if (closed) throw new BrokerError("closed", "This broker handle was closed.");
  };
  const find = <T>(map: ReadonlyMap<string, T>, name: string): T => {
    open();
    const found = map.get(name);
    if (found === undefined) throw gone(name);
    return found;
  };
  /** Waits, as long as the grace time, for what somebody is about to declare. */
  const wait = async <T>(map: ReadonlyMap<string, T>, name: string): Promise<T> => {
    const deadlineMs = performance.now() + goneSec * 1000;
    while (!map.has(name) && !closed && performance.now() < deadlineMs) await pause(20);
    return find(map, name);
  };
  /** The sender's bytes may change behind a message that waits. */
  const copy = (body: Uint8Array): Uint8Array => {
    if (body.byteLength > maxMessageBytes) throw new BrokerError("full", `A message has more than ${maxMessageBytes} bytes.`);
    return body.slice();
  };

  return {
    description: `memory at ${address}`,
    maxHoldSec: null,
    async declare(specs, control) {
      open();
      for (const spec of specs) {
        const known = queues.get(spec.name);
        if (known === undefined)
          queues.set(
            spec.name,
            createMemoryQueue(spec, (body) => queues.get(spec.deadLetterTo ?? "")?.publish(body)),
          );
        else if (!isDeepStrictEqual(known.spec, spec))
          throw new BrokerError("mismatch", `The queue ${spec.name} exists with other arguments; remove it first.`);
      }
      if (!controls.has(control)) controls.set(control, new Set());
    },
    async remove(names, control) {
      open();
      for (const name of names) {
        const queue = queues.get(name);
        queues.delete(name);
        queue?.remove();
      }
      for (const channel of controls.get(control) ?? []) channel.fail(gone(control));
      controls.delete(control);
    },
    async publisher(name) {
      await wait(queues, name);
      return {
        ...publishingWith(async (body) => find(queues, name).publish(copy(body))),
        publishUnconfirmed(body) {
          if (!closed) queues.get(name)?.publish(copy(body));
        },
        drain: () => Promise.resolve(),
        close: () => Promise.resolve(),
      };
    },
    async consumer(name, { prefetch }) {
      const consumer = (await wait(queues, name)).consume(prefetch);
      closers.add(() => consumer.close());
      return consumer;
    },
    broadcaster: async (control) => ({
      broadcast: async (body) => find(controls, control).forEach((channel) => channel.push(copy(body))),
      close: () => Promise.resolve(),
    }),
    async listener(control) {
      const [channels, channel] = [await wait(controls, control), createChannel<Uint8Array>()];
      const close = async (): Promise<void> => {
        channels.delete(channel);
        channel.end();
      };
      channels.add(channel);
      closers.add(close);
      return { [Symbol.asyncIterator]: () => channel[Symbol.asyncIterator](), close };
    },
    depth: async (name) => find(queues, name).depth,
    purge: async (name) => find(queues, name).purge(),
    async exists(name) {
      open();
      return queues.has(name);
    },
    async lock(name) {
      open();
      if (locks.has(name)) throw new BrokerError("locked", `Somebody else holds ${name}.`);
      locks.add(name);
      const release = async (): Promise<void> => {
        if (closers.delete(release)) locks.delete(name);
      };
      closers.add(release);
      return { release };
    },
    onState: () => () => undefined,
    async close() {
      closed = true;
      for (const close of [...closers]) await close();
    },
  };
};
