import { pause, within } from "@skyscan/runtime";
import type { Publisher } from "../../broker.ts";
import { BrokerError } from "../../errors.ts";
import { publishingBy } from "../../handles.ts";
import { tooLarge } from "../../message-limit.ts";
import { createPendingPublishes } from "../../pending-publishes.ts";
import type { PendingPublish } from "../../pending-publishes.ts";
import { createReopener } from "../../reopener.ts";
import { createSendQueue } from "../../send-queue.ts";
import type { Supervisor } from "../../supervisor.ts";
import { requestFailure } from "./failures.ts";
import type { PulsarSession } from "./session.ts";
import type { PulsarProducer } from "./transport.ts";

/** Where it publishes. */
export interface PublishTarget {
  readonly topic: string;
  /** For error messages: `the queue NAME`. */
  readonly what: string;
  /** Rejects with `queue-gone` when it was not declared, or is no more. */
  readonly check: (session: PulsarSession) => Promise<TargetFacts>;
}

export interface TargetFacts {
  /** All its messages get them. */
  readonly properties: Readonly<Record<string, string>>;
  /** Its messages may be kept several as one. */
  readonly batched: boolean;
}

/** No more than this is unconfirmed on the wire: a producer of Pulsar's WebSocket service takes 1000. */
const windowSize = 900;
const windowBytes = 32 * 1024 * 1024;
const refusalsAllowed = 5;
const closeMs = 5000;

interface Note {
  refusals: number;
}

interface Open {
  readonly producer: PulsarProducer;
  readonly session: PulsarSession;
  readonly properties: Readonly<Record<string, string>>;
  readonly inFlight: Map<string, PendingPublish<Note>>;
  bytes: number;
  /** Where the topic that was declared is written. */
  ledger: string | undefined;
  /** Written elsewhere, which may be a topic that only has the same name. */
  readonly unsure: PendingPublish<Note>[];
}

export async function openPublisher(supervisor: Supervisor<PulsarSession>, target: PublishTarget): Promise<Publisher> {
  const { topic, what, check } = target;
  const pending = createPendingPublishes<Note>();
  const unsent = createSendQueue(pending);
  let nextContext = 0;
  let current: Open | undefined;
  let closeCurrent: (() => Promise<void>) | undefined;
  let failure: BrokerError | undefined;

  const fail = (error: BrokerError): void => {
    failure ??= error;
    unsent.clear();
    pending.failAll(error);
  };

  /** Nothing is sent until the topic was found again, or the grace time is over. */
  function again(): void {
    const close = closeCurrent;
    current = undefined;
    closeCurrent = undefined;
    void close?.();
    reopener.reopen();
  }

  function take(context: string, on: Open): PendingPublish<Note> | undefined {
    const entry = on.inFlight.get(context);
    if (on !== current || entry === undefined) return undefined;
    on.inFlight.delete(context);
    on.bytes -= entry.body.byteLength;
    return entry;
  }

  function confirm(context: string, ledger: string, on: Open): void {
    const entry = take(context, on);
    if (entry === undefined) return;
    if (ledger === on.ledger) pending.settle(entry);
    else if (on.unsure.push(entry) === 1) void makeSure(ledger, on);
    pump();
  }

  /** A topic that was removed is made anew by those who go on using it, and Pulsar says nothing of that. */
  async function makeSure(ledger: string, on: Open): Promise<void> {
    try {
      await check(on.session);
    } catch {
      if (on === current) again();
      return;
    }
    if (on !== current) return;
    on.ledger = ledger;
    for (const entry of on.unsure.splice(0)) pending.settle(entry);
  }

  function refuse(context: string, why: string, on: Open): void {
    const entry = take(context, on);
    if (entry === undefined) return;
    entry.note.refusals += 1;
    const { refusals } = entry.note;
    if (isTooLarge(why)) {
      pending.settle(entry, beyond(entry, why));
    } else if (refusals > refusalsAllowed) {
      const message = `Pulsar refused a message for ${what} ${refusals} times: ${why}.`;
      pending.settle(entry, new BrokerError("full", message, { retryable: true }));
    } else {
      void pause(100 * 2 ** refusals).then(() => {
        unsent.push(entry);
        pump();
      });
    }
    pump();
  }

  const isTooLarge = (why: string): boolean => /maximum|max(imum)? ?(message)? ?size|larger|too large|exceeds/i.test(why);
  const beyond = ({ body }: PendingPublish<Note>, why: string): BrokerError =>
    new BrokerError(
      "full",
      `Pulsar takes no message of ${body.byteLength} bytes (${why}). Raise webSocketMaxTextFrameSize to 12582912 and maxMessageSize to 9437184 in its broker.conf (resources/brokers/pulsar/skyscan.conf has all that is needed), or send less at once.`,
    );

  /** Of what was under way, nothing says which one it was: the largest. */
  function dropLargest(on: Open, why: string): void {
    const [largest] = [...on.inFlight.values()].sort((a, b) => b.body.byteLength - a.body.byteLength);
    if (largest !== undefined) pending.settle(largest, beyond(largest, why));
  }

  function pump(): void {
    while (current !== undefined && current.inFlight.size < windowSize && current.bytes < windowBytes) {
      const entry = unsent.next();
      if (entry === undefined) return;
      nextContext += 1;
      const context = nextContext.toString(36);
      current.inFlight.set(context, entry);
      current.bytes += entry.body.byteLength;
      current.producer.send(entry.body, context, current.properties);
    }
  }

  async function open(session: PulsarSession): Promise<void> {
    const { properties, batched } = await check(session);
    let producer: PulsarProducer;
    try {
      producer = await session.transport.producer(
        topic,
        { batched },
        {
          receipt: (context, ledger) => confirm(context, ledger, opened),
          refused: (context, why) => refuse(context, why, opened),
          ended(reason) {
            if (current !== opened) return;
            if (reason.tooLarge === true) dropLargest(opened, reason.message);
            again();
          },
        },
      );
    } catch (error) {
      throw requestFailure(error, what, "produce");
    }
    const opened: Open = {
      producer,
      session,
      properties,
      inFlight: new Map(),
      bytes: 0,
      ledger: undefined,
      unsure: [],
    };
    current = opened;
    closeCurrent = session.belongsTo(topic, producer, () => {
      if (current === opened) again();
    });
    unsent.restart();
    pump();
  }

  const reopener = createReopener<PulsarSession>({
    supervisor,
    open,
    detached: () => {
      current = undefined;
      closeCurrent = undefined;
    },
    failed: fail,
  });
  await reopener.ready;

  return {
    ...publishingBy(
      (body) => failure ?? tooLarge(body),
      (body, settled) => {
        unsent.push(pending.add(body, { refusals: 0 }, settled));
        pump();
      },
    ),
    publishUnconfirmed(body) {
      if (current === undefined || current.inFlight.size >= windowSize || tooLarge(body) !== undefined) return;
      current.producer.send(body, "", current.properties);
    },
    drain: () => pending.drain(),
    async close() {
      await within(closeMs, pending.drain(), undefined);
      const close = closeCurrent;
      current = undefined;
      closeCurrent = undefined;
      reopener.close();
      fail(new BrokerError("closed", "This publisher was closed."));
      await close?.();
    },
  };
}
