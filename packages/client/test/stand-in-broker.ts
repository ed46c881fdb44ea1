import { BrokerError, publishingWith, readingWith } from "@skyscan/broker";
import type { Broker, BrokerState, Consumer, Delivery, Publisher } from "@skyscan/broker";
import { createChannel } from "@skyscan/runtime";
import type { Channel } from "@skyscan/runtime";

/** A consumer and what it has in hand. */
interface Source {
  readonly channel: Channel<Delivery>;
  readonly prefetch: number;
  out: number;
  stopped: boolean;
}

interface Message {
  readonly body: Uint8Array;
  count: number;
}

/** How the deliveries of a queue were ended, in order. */
export interface Ended {
  readonly body: Uint8Array;
  readonly how: "ack" | "requeue";
}

/** A broker in memory that implements the seam, with handles to be unkind: holds confirms back, drops the connection, loses queues. */
export interface StandInBroker {
  readonly broker: Broker;
  put(body: Uint8Array): void;
  /** What was published to a queue, in order; consumed by nobody. */
  published(queue: string): readonly Uint8Array[];
  /** Of those, what was confirmed. */
  confirmed(queue: string): readonly Uint8Array[];
  /** What was published without asking for a confirm. */
  unconfirmed(queue: string): readonly Uint8Array[];
  readonly ended: readonly Ended[];
  /** Deliveries out at this moment. */
  readonly out: number;
  readonly waiting: number;
  /** Of all consumers that are not stopped. */
  readonly prefetch: number;
  readonly consumers: number;
  readonly closed: boolean;
  broadcast(body: Uint8Array): void;
  /** From now on publishes are not confirmed, until `confirm`. */
  holdConfirms(): void;
  confirm(): void;
  refuseNext(error: BrokerError): void;
  /** The connection goes and comes back: deliveries that are out are void and handed out again. */
  reconnect(): void;
  /** The queues are gone for good. */
  loseQueues(): void;
  state(state: BrokerState): void;
  maxHoldSec: number | null;
  /** Resolves when `test` is true; looked at whenever something happened here. */
  until(test: () => boolean): Promise<void>;
}

export function createStandInBroker(workQueue: string): StandInBroker {
  const waiting: Message[] = [];
  const publishedTo = new Map<string, Uint8Array[]>();
  const confirmedTo = new Map<string, Uint8Array[]>();
  const unconfirmedTo = new Map<string, Uint8Array[]>();
  const ended: Ended[] = [];
  let out = new Set<Message>();
  const sources = new Set<Source>();
  let closed = false;
  let held: (() => void)[] | undefined;
  const refusals: BrokerError[] = [];
  const control = createChannel<Uint8Array>();
  const listeners = new Set<(state: BrokerState) => void>();
  const watchers = new Set<() => void>();
  let epoch = 0;

  const happened = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  const list = (map: Map<string, Uint8Array[]>, queue: string): Uint8Array[] => {
    const found = map.get(queue) ?? [];
    map.set(queue, found);
    return found;
  };

  function deliver(): void {
    for (const source of sources) {
      while (!source.stopped && source.out < source.prefetch) {
        const message = waiting.shift();
        if (message === undefined) return;
        hand(message, source);
      }
    }
  }

  function hand(message: Message, source: Source): void {
    out.add(message);
    source.out += 1;
    const mine = epoch;
    const end = (how: Ended["how"]): void => {
      if (mine !== epoch || !out.delete(message)) return;
      source.out -= 1;
      ended.push({ body: message.body, how });
      if (how === "requeue") waiting.push({ body: message.body, count: message.count + 1 });
      deliver();
      happened();
    };
    const delivery = { body: message.body, deliveryCount: message.count };
    source.channel.push({ ...delivery, ack: () => end("ack"), requeue: () => end("requeue") });
  }

  const publisher = (queue: string): Publisher => ({
    ...publishingWith(async (body) => {
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      list(publishedTo, queue).push(body);
      happened();
      if (held !== undefined) await new Promise<void>((resolve) => held?.push(resolve));
      if (closed) throw new BrokerError("closed", "closed");
      list(confirmedTo, queue).push(body);
    }),
    publishUnconfirmed(body) {
      list(unconfirmedTo, queue).push(body);
      happened();
    },
    drain: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });

  const consumer = (source: Source): Consumer => ({
    ...readingWith(source.channel),
    stop() {
      source.stopped = true;
      source.channel.end();
      return Promise.resolve();
    },
    close() {
      source.channel.end();
      sources.delete(source);
      return Promise.resolve();
    },
  });

  const unused = (): Promise<never> => Promise.reject(new Error("a client does not do this"));
  const standIn: StandInBroker = {
    maxHoldSec: null,
    broker: {
      description: "stand-in",
      get maxHoldSec() {
        return standIn.maxHoldSec;
      },
      declare: unused,
      remove: unused,
      publisher: (queue) => Promise.resolve(publisher(queue)),
      consumer(queue, options) {
        if (queue !== workQueue) return Promise.reject(new BrokerError("queue-gone", `no queue ${queue}`));
        const source: Source = { channel: createChannel(), prefetch: options.prefetch, out: 0, stopped: false };
        sources.add(source);
        deliver();
        happened();
        return Promise.resolve(consumer(source));
      },
      broadcaster: unused,
      listener: () =>
        Promise.resolve({ [Symbol.asyncIterator]: () => control[Symbol.asyncIterator](), close: () => Promise.resolve() }),
      depth: unused,
      purge: unused,
      exists: unused,
      lock: unused,
      onState(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      close() {
        closed = true;
        epoch += 1;
        waiting.unshift(...out);
        out = new Set();
        for (const source of sources) source.channel.end();
        control.end();
        for (const release of held ?? []) release();
        happened();
        return Promise.resolve();
      },
    },
    put(body) {
      waiting.push({ body, count: 0 });
      deliver();
    },
    published: (queue) => list(publishedTo, queue),
    confirmed: (queue) => list(confirmedTo, queue),
    unconfirmed: (queue) => list(unconfirmedTo, queue),
    ended,
    get out() {
      return out.size;
    },
    get waiting() {
      return waiting.length;
    },
    get prefetch() {
      return [...sources].reduce((sum, source) => sum + (source.stopped ? 0 : source.prefetch), 0);
    },
    get consumers() {
      return sources.size;
    },
    get closed() {
      return closed;
    },
    broadcast: (body) => control.push(body),
    holdConfirms() {
      held ??= [];
    },
    confirm() {
      const released = held ?? [];
      held = undefined;
      for (const release of released) release();
    },
    refuseNext: (error) => void refusals.push(error),
    reconnect() {
      for (const listener of [...listeners]) listener({ kind: "down", reason: "cut" });
      epoch += 1;
      waiting.unshift(...[...out].map(({ body, count }) => ({ body, count: count + 1 })));
      out = new Set();
      for (const source of sources) source.out = 0;
      deliver();
      for (const listener of [...listeners]) listener({ kind: "up", reconnected: true, emptied: [] });
    },
    loseQueues() {
      for (const source of sources) source.channel.fail(new BrokerError("queue-gone", `no queue ${workQueue}`));
    },
    state(state) {
      for (const listener of [...listeners]) listener(state);
    },
    until(test) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (!test()) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      });
    },
  };
  return standIn;
}
