import type { QueueSpec } from "../../broker.ts";

/** What a consumer was handed. Exactly one of `ack` and `requeue` counts, the first; after the subscription was closed neither does. */
export interface Handed {
  readonly body: Uint8Array;
  /** How often it was handed out before and came back. */
  readonly deliveryCount: number;
  ack(): void;
  requeue(): void;
}

export interface Subscription {
  /** Nothing new is handed out; what is out may still be ended. */
  stop(): void;
  /** What is out goes back to where it was in the queue. */
  close(): void;
}

export interface Subscriber {
  readonly prefetch: number;
  deliver(handed: Handed): void;
  /** The queue was removed. */
  gone(): void;
}

/** A queue in memory: first in first out, at-least-once, competing consumers served in turn. No network, no timers. */
export interface MemoryQueue {
  readonly spec: QueueSpec;
  /** Messages that wait, not counting those handed out. */
  readonly depth: number;
  /** `settled` is called once when the message leaves the broker: acked or dropped. A removed queue settles nothing. */
  publish(body: Uint8Array, settled?: () => void): void;
  subscribe(subscriber: Subscriber): Subscription;
  /** Drops what waits; returns how many. */
  purge(): number;
  /** The queue is gone for everybody. */
  remove(): void;
  /** Calls back when the queue is removed; returns what ends that. */
  onRemoved(callback: () => void): () => void;
}

export interface MemoryQueueOptions {
  readonly spec: QueueSpec;
  /** Takes what came back more often than `deliveryLimit`. Absent: it is dropped. */
  readonly deadLetter?: (body: Uint8Array, settled: (() => void) | undefined) => void;
  readonly nowMs: () => number;
}

interface Message {
  readonly position: number;
  readonly body: Uint8Array;
  readonly settled: (() => void) | undefined;
  readonly expiresMs: number;
  deliveryCount: number;
  lastHolder: Seat | undefined;
}

interface Seat {
  readonly subscriber: Subscriber;
  /** In the order in which they were handed out. */
  readonly out: Set<Out>;
  /** In the line of those that can take something. */
  inLine: boolean;
  open: boolean;
}

interface Out extends Handed {
  readonly message: Message;
}

export function createMemoryQueue(options: MemoryQueueOptions): MemoryQueue {
  const { spec, nowMs } = options;
  const returnLimit = spec.deliveryLimit ?? Number.POSITIVE_INFINITY;
  const lifetimeMs = (spec.timeToLiveSec ?? Number.POSITIVE_INFINITY) * 1000;
  const maxLength = spec.maxLength ?? Number.POSITIVE_INFINITY;
  let fresh: (Message | undefined)[] = [];
  let head = 0;
  // What came back, the foremost last: it is older than anything fresh.
  let returned: Message[] = [];
  let nextPosition = 0;
  let line: Seat[] = [];
  const seats = new Set<Seat>();
  const removalCallbacks = new Set<() => void>();

  const waiting = (): number => returned.length + fresh.length - head;

  function takeFirst(): Message | undefined {
    const back = returned.pop();
    if (back !== undefined) return back;
    const message = fresh[head];
    if (message === undefined) return undefined;
    fresh[head] = undefined;
    head += 1;
    if (head > 1024 && head * 2 > fresh.length) {
      fresh = fresh.slice(head);
      head = 0;
    }
    return message;
  }

  const first = (): Message | undefined => returned.at(-1) ?? fresh[head];

  function dropExpired(): void {
    if (lifetimeMs === Number.POSITIVE_INFINITY) return;
    const now = nowMs();
    for (let message = first(); message !== undefined && message.expiresMs <= now; message = first()) takeFirst()?.settled?.();
  }

  function standInLine(seat: Seat): void {
    if (seat.inLine || !seat.open || seat.out.size >= seat.subscriber.prefetch) return;
    seat.inLine = true;
    line.push(seat);
  }

  // Who had the message last gets it again only when nobody else can take it.
  function nextSeat(message: Message): Seat | undefined {
    if (line.length > 1 && line[0] === message.lastHolder) {
      const [other] = line.splice(1, 1);
      return other;
    }
    return line.shift();
  }

  function handOut(message: Message, seat: Seat): void {
    message.lastHolder = seat;
    const out: Out = {
      message,
      body: message.body,
      deliveryCount: message.deliveryCount,
      ack() {
        if (!seat.out.delete(out)) return;
        message.settled?.();
        standInLine(seat);
        dispatch();
      },
      requeue() {
        if (!seat.out.delete(out)) return;
        comeBack(message);
        standInLine(seat);
        dispatch();
      },
    };
    seat.out.add(out);
    seat.subscriber.deliver(out);
  }

  function comeBack(message: Message): void {
    message.deliveryCount += 1;
    if (message.deliveryCount > returnLimit) {
      if (options.deadLetter === undefined) message.settled?.();
      else options.deadLetter(message.body, message.settled);
      return;
    }
    let index = returned.length;
    while (index > 0 && (returned[index - 1] as Message).position < message.position) index -= 1;
    returned.splice(index, 0, message);
  }

  function dispatch(): void {
    while (line.length > 0) {
      dropExpired();
      const message = takeFirst();
      if (message === undefined) return;
      const seat = nextSeat(message);
      if (seat === undefined) return;
      seat.inLine = false;
      handOut(message, seat);
      standInLine(seat);
    }
  }

  function leaveLine(seat: Seat): void {
    seat.open = false;
    if (seat.inLine) line = line.filter((other) => other !== seat);
    seat.inLine = false;
  }

  return {
    spec,
    get depth() {
      dropExpired();
      return waiting();
    },
    publish(body, settled) {
      fresh.push({
        position: nextPosition,
        body,
        settled,
        expiresMs: nowMs() + lifetimeMs,
        deliveryCount: 0,
        lastHolder: undefined,
      });
      nextPosition += 1;
      dispatch();
      while (waiting() > maxLength) takeFirst()?.settled?.();
    },
    subscribe(subscriber) {
      const seat: Seat = { subscriber, out: new Set(), inLine: false, open: true };
      seats.add(seat);
      standInLine(seat);
      dispatch();
      return {
        stop: () => leaveLine(seat),
        close() {
          leaveLine(seat);
          seats.delete(seat);
          const held = [...seat.out];
          seat.out.clear();
          for (const out of held) comeBack(out.message);
          dispatch();
        },
      };
    },
    purge() {
      const dropped = [...returned, ...fresh.slice(head)];
      returned = [];
      fresh = [];
      head = 0;
      for (const message of dropped) message?.settled?.();
      return dropped.length;
    },
    remove() {
      fresh = [];
      head = 0;
      returned = [];
      line = [];
      for (const seat of seats) {
        seat.open = false;
        seat.inLine = false;
        seat.out.clear();
        seat.subscriber.gone();
      }
      seats.clear();
      for (const callback of [...removalCallbacks]) callback();
      removalCallbacks.clear();
    },
    onRemoved(callback) {
      removalCallbacks.add(callback);
      return () => void removalCallbacks.delete(callback);
    },
  };
}
