import { publishingWith, readingWith } from "@skyscan/broker";
import type { Broadcaster, Broker, Delivery, Publisher } from "@skyscan/broker";
import type { ScanQueues } from "@skyscan/protocol";
import { createChannel } from "@skyscan/runtime";
import type { Channel } from "@skyscan/runtime";
import type { VirtualTime } from "./virtual-time.ts";

/** A client as the broker sees it. */
export interface WorkConsumer {
  /** Deliveries that it may have unended. */
  prefetch: number;
  readonly take: (body: Uint8Array, end: () => void) => void;
  readonly hear: (body: Uint8Array) => void;
}

/** What a client has of the broker. */
export interface Attached {
  /** After a change of its prefetch. */
  wake(): void;
  reply(body: Uint8Array): void;
  beat(body: Uint8Array): void;
  /** The broker has seen that it is gone: what it had is handed out again, first. */
  lose(): void;
}

/** A broker in memory, for one server and simulated clients: every message takes the same time, none is lost. */
export interface StandInBroker {
  readonly broker: Broker;
  readonly broadcaster: Broadcaster;
  attach(consumer: WorkConsumer): Attached;
}

interface Seat {
  readonly consumer: WorkConsumer;
  readonly held: Map<number, Uint8Array>;
  gone: boolean;
  waiting: boolean;
}

export function createStandInBroker(time: VirtualTime, queues: ScanQueues, latencyMs: number): StandInBroker {
  /** What waits for a client; what came back is at the end of `returned`. */
  let work: Uint8Array[] = [];
  let head = 0;
  const returned: Uint8Array[] = [];
  /** Clients with room, the one that has waited longest first. */
  let room: Seat[] = [];
  let roomHead = 0;
  const seats = new Set<Seat>();
  const channels = new Map<string, Channel<Delivery>>();
  let number = 0;

  function nextWork(): Uint8Array | undefined {
    const again = returned.pop();
    if (again !== undefined) return again;
    if (head === work.length) return undefined;
    const body = work[head]!;
    head += 1;
    if (head > 10_000 && 2 * head > work.length) {
      work = work.slice(head);
      head = 0;
    }
    return body;
  }

  function nextSeat(): Seat | undefined {
    while (roomHead < room.length) {
      const seat = room[roomHead]!;
      roomHead += 1;
      seat.waiting = false;
      if (!seat.gone && seat.held.size < seat.consumer.prefetch) return seat;
    }
    room = [];
    roomHead = 0;
    return undefined;
  }

  function offer(seat: Seat): void {
    if (seat.waiting || seat.gone || seat.held.size >= seat.consumer.prefetch) return;
    seat.waiting = true;
    room.push(seat);
  }

  const depth = (): number => work.length - head + returned.length;

  function handOut(): void {
    while (depth() > 0) {
      const seat = nextSeat();
      if (seat === undefined) return;
      const body = nextWork()!;
      const id = (number += 1);
      seat.held.set(id, body);
      offer(seat);
      time.after(latencyMs, () => {
        if (seat.gone) return;
        seat.consumer.take(body, () => {
          if (seat.gone || !seat.held.delete(id)) return;
          offer(seat);
          handOut();
        });
      });
    }
  }

  function toServer(queue: string, body: Uint8Array): void {
    time.after(latencyMs, () => channels.get(queue)?.push({ body, ack: () => undefined, requeue: () => undefined }));
  }

  const closed = (): Promise<void> => Promise.resolve();
  const publisher: Publisher = {
    ...publishingWith((body) => {
      work.push(body);
      handOut();
      return Promise.resolve();
    }),
    publishUnconfirmed: () => undefined,
    drain: closed,
    close: closed,
  };
  const broadcaster: Broadcaster = {
    broadcast(body) {
      time.after(latencyMs, () => {
        for (const seat of seats) if (!seat.gone) seat.consumer.hear(body);
      });
      return Promise.resolve();
    },
    close: closed,
  };
  const unused = (): never => {
    throw new Error("the stand-in broker has no such thing");
  };
  const broker: Broker = {
    description: "a stand-in in memory",
    maxHoldSec: null,
    declare: closed,
    remove: closed,
    publisher: (queue) => (queue === queues.work ? Promise.resolve(publisher) : unused()),
    consumer(queue) {
      const channel = createChannel<Delivery>();
      channels.set(queue, channel);
      const end = (): Promise<void> => {
        channel.end();
        return Promise.resolve();
      };
      return Promise.resolve({ stop: end, close: end, ...readingWith(channel) });
    },
    broadcaster: () => Promise.resolve(broadcaster),
    listener: unused,
    depth: () => Promise.resolve(depth()),
    purge: unused,
    exists: () => Promise.resolve(true),
    lock: unused,
    onState: () => () => undefined,
    close: closed,
  };

  return {
    broker,
    broadcaster,
    attach(consumer) {
      const seat: Seat = { consumer, held: new Map(), gone: false, waiting: false };
      seats.add(seat);
      const wake = (): void => {
        offer(seat);
        handOut();
      };
      wake();
      return {
        wake,
        reply: (body) => toServer(queues.replies, body),
        beat: (body) => toServer(queues.workers, body),
        lose() {
          seat.gone = true;
          seats.delete(seat);
          returned.push(...seat.held.values());
          handOut();
        },
      };
    },
  };
}
