import type { Logger } from "@skyscan/runtime";
import type { Consumer, ConsumerOptions, Publisher } from "../../broker.ts";
import { createDeliveryBuffer } from "../../delivery-buffer.ts";
import { createReopener } from "../../reopener.ts";
import type { Supervisor } from "../../supervisor.ts";
import { requestFailure } from "./failures.ts";
import { leavingInOrder } from "./leaving.ts";
import type { Leaving } from "./leaving.ts";
import { createLook } from "./look.ts";
import type { Look } from "./look.ts";
import { roomOf } from "./mates.ts";
import type { Held, Mate } from "./mates.ts";
import { queueSubscription } from "./names.ts";
import { openQueuePublisher } from "./queue-publisher.ts";
import { consumerAt, declaredQueue, forsake, forsakeRemade } from "./queues.ts";
import type { QueueNote } from "./queues.ts";
import type { PulsarSession } from "./session.ts";
import type { PulsarConsumer, Received } from "./transport.ts";

/**
 * Who wants so many at a time has them sent ahead of what it asked for, five times as fast; others get each message only when they have room for it, lest it
 * waits here while somebody else is idle.
 */
const many = 64;
const mostAhead = 1000;
/** What was given back goes to others first: its place is asked for again only after so long. */
const coolMs = 500;
/** From the second return on, it waits before it is given back: what nobody can take must not go round and round. */
const patienceMs = { first: 100, most: 10_000 };

export interface Consuming {
  readonly holdSec: () => number;
  readonly logger: Logger;
}

/** Consumers of one queue that are beside each other share one of Pulsar's, so that they lose what they have at the same moment. */
interface Mates {
  join(prefetch: number): Promise<Consumer>;
  readonly alive: boolean;
}

const matesOf = new WeakMap<Consumer, Mates>();

export async function openConsumer(
  supervisor: Supervisor<PulsarSession>,
  queue: string,
  { prefetch, beside }: ConsumerOptions,
  consuming: Consuming,
): Promise<Consumer> {
  const there = beside === undefined ? undefined : matesOf.get(beside);
  const mates =
    there?.alive === true && prefetch < many ? there : createMates(supervisor, queue, prefetch < many ? 0 : prefetch, consuming);
  const consumer = await mates.join(prefetch);
  matesOf.set(consumer, mates);
  return consumer;
}

interface Open {
  readonly session: PulsarSession;
  readonly consumer: PulsarConsumer;
  readonly close: () => Promise<void>;
  /** Messages that were asked for and did not come yet. Less than none: one came that was not asked for. */
  asked: number;
}

function createMates(supervisor: Supervisor<PulsarSession>, queue: string, ahead: number, { holdSec, logger }: Consuming): Mates {
  const what = `the queue ${queue}`;
  const mates = new Set<Mate>();
  let note: QueueNote | undefined;
  let current: Open | undefined;
  let grave: Promise<Publisher> | undefined;
  /** Came although it was no longer wanted, while others still are. */
  let spare: Received[] = [];
  let cooling = 0;
  let scheduled = false;
  let looking: Look | undefined;
  const waiting = new Map<Held, NodeJS.Timeout>();

  const everybodyStopped = (): boolean => [...mates].every(({ stopped }) => stopped);
  const room = (): number => [...mates].reduce((sum, mate) => sum + roomOf(mate), 0);

  /** What was out on a connection that is gone is void. */
  function forget(): void {
    current = undefined;
    spare = [];
    looking?.stop();
    for (const timer of waiting.values()) clearTimeout(timer);
    waiting.clear();
    for (const { out, buffer } of mates) {
      out.clear();
      buffer.takeUnread();
    }
  }

  function tune(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      if (current === undefined) return;
      while (spare.length > 0 && room() > 0) hand(spare.shift()!, current);
      // The last one that was asked for cannot be taken back: Pulsar would send it, and another one for the next time.
      const wanted = Math.max(current.asked > 0 ? 1 : 0, room() - spare.length - cooling);
      if (wanted === Math.max(0, current.asked)) return;
      current.consumer.permit(wanted - current.asked);
      current.asked = wanted;
    });
  }

  function hand(received: Received, { session, consumer }: Open): void {
    const mate = [...mates].find((one) => roomOf(one) > 0);
    if (mate === undefined) {
      if (everybodyStopped()) consumer.giveBack(received.id);
      else spare.push(received);
      return;
    }
    const held: Held = {
      received,
      session,
      consumer,
      mate,
      body: received.body,
      deliveryCount: received.redeliveryCount,
      ack: () => ack(held),
      requeue: () => requeue(held),
    };
    mate.out.add(held);
    mate.buffer.push(held);
  }

  function arrive(received: Received, on: Open): void {
    if (on !== current) return;
    on.asked -= 1;
    looking?.came();
    const { deliveryLimit, deadLetterTo } = note ?? {};
    if (deadLetterTo !== undefined && deliveryLimit !== undefined && received.redeliveryCount > deliveryLimit)
      void bury(received, deadLetterTo, on);
    else hand(received, on);
    tune();
  }

  /** Whoever draws what came back too often moves it before anybody sees it. */
  async function bury({ id, body }: Received, to: string, { consumer }: Open): Promise<void> {
    try {
      grave ??= openQueuePublisher(supervisor, to);
      await (await grave).publish(body);
      consumer.ack(id);
    } catch (error) {
      grave = undefined;
      consumer.giveBack(id);
      logger.warn({ queue, grave: to, error }, "a message that came back too often could not be moved");
    }
  }

  const isVoid = ({ session, consumer }: Held): boolean => current?.session !== session || current.consumer !== consumer;

  function ack(held: Held): void {
    if (!held.mate.out.delete(held)) return;
    if (!isVoid(held)) held.consumer.ack(held.received.id);
    tune();
  }

  function requeue(held: Held): void {
    if (!held.mate.out.delete(held) || isVoid(held)) return;
    const { redeliveryCount } = held.received;
    const waitMs = redeliveryCount < 2 ? 0 : Math.min(patienceMs.most, patienceMs.first * 2 ** (redeliveryCount - 2));
    cooling += 1;
    setTimeout(() => {
      cooling -= 1;
      tune();
    }, waitMs + coolMs).unref();
    if (waitMs === 0 || everybodyStopped()) held.consumer.giveBack(held.received.id);
    else waiting.set(held, setTimeout(giveBackNow, waitMs, held));
    tune();
  }

  function giveBackNow(held: Held): void {
    clearTimeout(waiting.get(held));
    waiting.delete(held);
    held.consumer.giveBack(held.received.id);
  }

  async function leave(on: Open): Promise<void> {
    if (on !== current) return;
    forget();
    await on.close();
    await forsake(on.session, queue);
    reopener.reopen();
  }

  async function open(session: PulsarSession): Promise<void> {
    ({ note } = await declaredQueue(session, queue));
    // Who takes nothing ahead cannot take several messages that are kept as one.
    const sentAhead = note.soleConsumer === true ? Math.max(ahead, 1) : ahead;
    const ended = (): void => {
      if (current !== opened) return;
      forget();
      reopener.reopen();
    };
    let going: Leaving;
    try {
      const consumer = await session.transport.consumer(
        queue,
        { subscription: queueSubscription, type: "Shared", holdSec: holdSec(), ahead: Math.min(sentAhead, mostAhead) },
        {
          message(received) {
            going.came();
            arrive(received, opened);
          },
          ended,
        },
      );
      const unacked = async (): Promise<number | undefined> => (await consumerAt(session, queue, consumer.name))?.unackedMessages;
      going = leavingInOrder({ consumer, unacked, lost: session.lost });
    } catch (error) {
      throw requestFailure(error, what, "consume");
    }
    const { consumer } = going;
    const opened: Open = { session, consumer, close: session.belongsTo(queue, consumer, ended), asked: 0 };
    current = opened;
    looking?.stop();
    looking = createLook({
      queue,
      session,
      consumer,
      goneSec: supervisor.goneSec,
      logger,
      asked: () => (ahead === 0 ? opened.asked : 0),
      gone: () => void leave(opened),
    });
    tune();
  }

  const reopener = createReopener<PulsarSession>({
    supervisor,
    open,
    detached: forget,
    failed(error) {
      looking?.stop();
      for (const { buffer } of mates) {
        if (error.code === "closed") buffer.end();
        else buffer.fail(error);
      }
    },
  });

  function stop(mate: Mate): Promise<void> {
    mate.stopped = true;
    const unread = mate.buffer.takeUnread();
    mate.buffer.end();
    // Nobody is left for whom it would have to be opened again.
    if (everybodyStopped()) reopener.close();
    for (const held of unread) requeue(held);
    if (everybodyStopped()) for (const { id } of spare.splice(0)) current?.consumer.giveBack(id);
    tune();
    return Promise.resolve();
  }

  async function close(mate: Mate): Promise<void> {
    await stop(mate);
    mates.delete(mate);
    if (mates.size > 0) {
      for (const held of [...mate.out]) requeue(held);
      return;
    }
    const last = current;
    forget();
    await last?.close();
    if (last !== undefined) await forsakeRemade(last.session, queue);
    await (await grave?.catch(() => undefined))?.close();
  }

  return {
    async join(prefetch) {
      const mate: Mate = { prefetch, buffer: createDeliveryBuffer<Held>(), out: new Set(), stopped: false };
      mates.add(mate);
      await reopener.ready;
      tune();
      return {
        stop: () => stop(mate),
        close: () => close(mate),
        forEach: (handle) => mate.buffer.forEach(handle),
        [Symbol.asyncIterator]: () => mate.buffer[Symbol.asyncIterator](),
      };
    },
    get alive() {
      return !everybodyStopped();
    },
  };
}
