import { BrokerError, readingWith } from "@skyscan/broker";
import type { Consumer, Delivery, QueueSpec } from "@skyscan/broker";

export const gone = (name: string): BrokerError => new BrokerError("queue-gone", `${name} does not exist (any more).`);

interface Message {
  readonly body: Uint8Array;
  readonly sinceMs: number;
  returns: number;
}

/** One consumer: what it holds, and whether its reader waits for the next delivery. */
interface Seat {
  readonly prefetch: number;
  readonly out: Set<Message>;
  reader: { give(result: IteratorResult<Delivery>): void; fail(error: Error): void } | undefined;
  state: "open" | "ended" | "gone";
}

export interface MemoryQueue {
  readonly spec: QueueSpec;
  readonly depth: number;
  publish(body: Uint8Array): void;
  consume(prefetch: number): Consumer;
  /** Drops what waits; returns how many. */
  purge(): number;
  /** Everybody's iteration throws `queue-gone`. */
  remove(): void;
}

/** A queue that hands a message out only when a reader asks. `bury` takes what came back too often. */
export function createMemoryQueue(spec: QueueSpec, bury: (body: Uint8Array) => void): MemoryQueue {
  const { deliveryLimit = Infinity, maxLength = Infinity, timeToLiveSec = Infinity } = spec;
  let waiting: Message[] = [];
  /** Who was served longest ago comes first. */
  let seats: Seat[] = [];

  function serve(): void {
    const oldestMs = performance.now() - timeToLiveSec * 1000;
    for (;;) {
      while (waiting[0] !== undefined && waiting[0].sinceMs < oldestMs) waiting.shift();
      const seat = seats.find((one) => one.reader !== undefined && one.out.size < one.prefetch);
      const message = seat && waiting.shift();
      if (seat === undefined || message === undefined) return;
      seat.out.add(message);
      toTheEnd(seat);
      read(seat)?.give({ done: false, value: delivery(message, seat) });
    }
  }

  function delivery(message: Message, seat: Seat): Delivery {
    const end = (then: () => void): void => {
      if (!seat.out.delete(message)) return;
      then();
      toTheEnd(seat);
      serve();
    };
    return {
      body: message.body,
      deliveryCount: message.returns,
      ack: () => end(() => undefined),
      requeue: () => end(() => comeBack(message)),
    };
  }

  function comeBack(message: Message): void {
    message.returns += 1;
    if (message.returns > deliveryLimit) bury(message.body);
    else waiting.unshift(message);
  }

  function toTheEnd(seat: Seat): void {
    if (seat.state === "open") seats = [...seats.filter((one) => one !== seat), seat];
  }

  function read(seat: Seat): Seat["reader"] {
    const { reader } = seat;
    seat.reader = undefined;
    return reader;
  }

  function leave(seat: Seat): void {
    if (seat.state === "open") seat.state = "ended";
    seats = seats.filter((one) => one !== seat);
    read(seat)?.give({ done: true, value: undefined });
  }

  return {
    spec,
    get depth() {
      return waiting.length;
    },
    publish(body) {
      waiting.push({ body, sinceMs: performance.now(), returns: 0 });
      serve();
      if (waiting.length > maxLength) waiting.shift();
    },
    consume(prefetch) {
      const seat: Seat = { prefetch, out: new Set(), reader: undefined, state: "open" };
      seats.unshift(seat);
      const next = (): Promise<IteratorResult<Delivery>> =>
        new Promise((give, fail) => {
          if (seat.state === "gone") fail(gone(spec.name));
          else if (seat.state === "ended") give({ done: true, value: undefined });
          else {
            seat.reader = { give, fail };
            serve();
          }
        });
      return {
        ...readingWith({ [Symbol.asyncIterator]: () => ({ next }) }),
        stop() {
          leave(seat);
          return Promise.resolve();
        },
        close() {
          leave(seat);
          const held = [...seat.out].reverse();
          seat.out.clear();
          held.forEach(comeBack);
          serve();
          return Promise.resolve();
        },
      };
    },
    purge: () => waiting.splice(0).length,
    remove() {
      for (const seat of seats) {
        seat.state = "gone";
        seat.out.clear();
        read(seat)?.fail(gone(spec.name));
      }
      [seats, waiting] = [[], []];
    },
  };
}
