import type { Msg } from "@nats-io/transport-node";
import { within } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { Consumer, ConsumerOptions, Delivery } from "../../broker.ts";
import { createDeliveryBuffer } from "../../delivery-buffer.ts";
import { createReopener } from "../../reopener.ts";
import type { Supervisor } from "../../supervisor.ts";
import { buryIn } from "./dead-letters.ts";
import { deliveredOf } from "./delivered.ts";
import { requestFailure } from "./failures.ts";
import { consumerName, pullSubject, streamOf } from "./names.ts";
import { createPull } from "./pull.ts";
import type { Pull } from "./pull.ts";
import type { QueueNote } from "./queues.ts";
import { requestMs } from "./session.ts";
import type { NatsSession } from "./session.ts";

/** Signs of life per ack wait. */
const signs = 3;
/** This part of the ack wait after its last word the server may already have given it to somebody else: a message is some time on its way. */
const safePart = 0.8;
const flushMs = 1000;

/** A message that is out, read or not. */
interface Held {
  readonly message: Msg;
  readonly id: string;
  readonly deliveryCount: number;
  readonly session: NatsSession;
  /** When the server last heard that it is held; once the ack wait is nearly over it may be somebody else's. */
  heardMs: number;
}

export async function openConsumer(
  supervisor: Supervisor<NatsSession>,
  queue: string,
  { prefetch }: ConsumerOptions,
  logger: Logger,
): Promise<Consumer> {
  const what = `the queue ${queue}`;
  const buffer = createDeliveryBuffer<Held>();
  const out = new Set<Held>();
  let note: QueueNote = {};
  let ackWaitMs = 0;
  let pull: Pull | undefined;
  let timer: NodeJS.Timeout | undefined;

  const isOverdue = ({ heardMs }: Held): boolean => performance.now() - heardMs > safePart * ackWaitMs;
  function say(word: "" | "-NAK" | "+WPI", { message, session }: Held): void {
    if (session.connection.isClosed()) return;
    session.connection.publish(message.reply ?? "", word);
  }

  /** Once; and what may be somebody else's by now is left alone. */
  function end(held: Held, word: "" | "-NAK"): void {
    if (!out.delete(held)) return;
    if (supervisor.session === held.session && !isOverdue(held)) say(word, held);
    pull?.want();
  }

  function arrive(message: Msg, session: NatsSession): void {
    const { times, id } = deliveredOf(message);
    const held: Held = { message, id, deliveryCount: times - 1, session, heardMs: performance.now() };
    out.add(held);
    const { deliveryLimit, deadLetterTo } = note;
    if (deadLetterTo !== undefined && deliveryLimit !== undefined && held.deliveryCount > deliveryLimit) {
      void bury(held, deadLetterTo);
    } else if (out.size > prefetch || !buffer.push(held)) {
      end(held, "-NAK");
    }
  }

  async function bury(held: Held, grave: string): Promise<void> {
    const { message, id, session } = held;
    try {
      await buryIn(session, grave, { body: message.data, id });
      end(held, "");
    } catch (error) {
      // It comes again when the ack wait is over.
      out.delete(held);
      logger.warn({ queue, grave, error }, "a message that came back too often could not be moved");
    }
  }

  /** What is held goes on being held; what nobody has read and went to somebody else meanwhile is dropped. */
  function giveSigns(): void {
    for (const held of buffer.takeUnread()) {
      if (isOverdue(held)) end(held, "-NAK");
      else buffer.push(held);
    }
    const { session } = supervisor;
    const given = [...out].filter((held) => held.session === session && !isOverdue(held));
    if (session === undefined || given.length === 0) return;
    const givenMs = performance.now();
    for (const held of given) say("+WPI", held);
    // Only what the server has heard counts: a network that is silent says nothing of that.
    const heard = (): void => {
      for (const held of given) held.heardMs = givenMs;
    };
    session.connection.flush().then(heard, () => undefined);
  }

  /** What was out on a connection that is gone is void. The server would find out when the ack wait is over. */
  let toGiveBack: readonly Held[] = [];
  function forget(): void {
    pull = undefined;
    toGiveBack = [...out, ...toGiveBack];
    out.clear();
    buffer.takeUnread();
  }

  async function open(session: NatsSession): Promise<void> {
    try {
      const { config } = await session.manager.streams.info(streamOf(queue));
      const { config: own } = await session.manager.consumers.info(streamOf(queue), consumerName);
      note = JSON.parse(config.description ?? "{}") as QueueNote;
      ackWaitMs = (own.ack_wait ?? 0) / 1e6;
      // No request at all: it is refused as such, after the server has looked at the right.
      await session.connection.request(pullSubject(queue), "{", { timeout: requestMs });
    } catch (error) {
      throw requestFailure(error, what);
    }
    for (const held of toGiveBack) if (!isOverdue(held)) say("-NAK", { ...held, session });
    toGiveBack = [];
    clearInterval(timer);
    timer = setInterval(giveSigns, ackWaitMs / signs);
    const opened = createPull({
      connection: session.connection,
      queue,
      prefetch,
      out: () => out.size,
      take: (message) => arrive(message, session),
      gone() {
        if (pull !== opened) return;
        void opened.stop();
        forget();
        reopener.reopen();
      },
    });
    pull = opened;
    await opened.start();
  }

  const reopener = createReopener<NatsSession>({
    supervisor,
    open,
    detached: forget,
    failed(error) {
      clearInterval(timer);
      if (error.code === "closed") buffer.end();
      else buffer.fail(error);
    },
  });
  await reopener.ready;

  async function stop(): Promise<void> {
    const unread = buffer.takeUnread();
    buffer.end();
    reopener.close();
    const last = pull;
    pull = undefined;
    await last?.stop();
    for (const held of unread) end(held, "-NAK");
  }

  const deliveryOf = (held: Held): Delivery => ({
    body: held.message.data,
    deliveryCount: held.deliveryCount,
    ack: () => end(held, ""),
    requeue: () => end(held, "-NAK"),
  });

  async function* deliveries(): AsyncGenerator<Delivery, undefined> {
    for await (const held of buffer) yield deliveryOf(held);
    return undefined;
  }

  return {
    stop,
    async close() {
      await stop();
      clearInterval(timer);
      for (const held of out) end(held, "-NAK");
      const { session } = supervisor;
      if (session !== undefined) await within(flushMs, session.connection.flush(), undefined).catch(() => undefined);
    },
    forEach: (handle) => buffer.forEach((held) => handle(deliveryOf(held))),
    [Symbol.asyncIterator]: deliveries,
  };
}
