import { createInbox, headers, nuid } from "@nats-io/transport-node";
import type { Msg, MsgHdrs, NatsConnection, Subscription } from "@nats-io/transport-node";
import type { PubAck } from "@nats-io/jetstream";
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
import { isNobody, requestFailure, wrongLastSequence } from "./failures.ts";
import { requestMs } from "./session.ts";
import type { NatsSession } from "./session.ts";

/** Where it publishes. */
export interface PublishTarget {
  readonly subject: string;
  /** For error messages: `the queue NAME`. */
  readonly what: string;
}

/** No more than this is unconfirmed on the wire; the rest waits here, so that a slow broker is not flooded. */
const windowSize = 5000;
const windowBytes = 32 * 1024 * 1024;
const refusalsAllowed = 5;
/** Nothing was confirmed for so long although the connection is up: it is all sent again. */
const stalledMs = 15_000;
const closeMs = 5000;

/** Header of a message that is sent to see whether it may be; the stream refuses it, and whoever hears it drops it. */
export const probeHeader = "Skyscan-Probe";

interface Note {
  /** By which the broker knows it when it is sent again, in its window for duplicates. */
  readonly id: string;
  refusals: number;
}

interface Open {
  readonly connection: NatsConnection;
  readonly inbox: string;
  readonly subscription: Subscription;
  /** By the last part of the subject where the confirm goes. */
  readonly inFlight: Map<string, PendingPublish<Note>>;
  bytes: number;
  heardMs: number;
}

interface Answer extends PubAck {
  readonly error?: { readonly err_code: number; readonly description: string };
}

/** No stream has had so many messages: one that is expected to be the next after it is refused, after the server looked at the right. */
const never = String(Number.MAX_SAFE_INTEGER);

/** Publishes what no stream takes. @throws what `requestFailure` makes of the answer */
async function probe({ connection }: NatsSession, { subject, what }: PublishTarget): Promise<void> {
  const impossible = headers();
  impossible.set("Nats-Expected-Last-Sequence", never);
  impossible.set(probeHeader, "1");
  let answer: Msg;
  try {
    answer = await connection.request(subject, "", { headers: impossible, timeout: requestMs });
  } catch (error) {
    if (isNobody(error)) throw new BrokerError("queue-gone", `${what} does not exist (any more) at NATS.`, { cause: error });
    throw requestFailure(error, what);
  }
  const { error } = answer.json<Answer>();
  if (error !== undefined && error.err_code !== wrongLastSequence) throw new Error(error.description);
}

function idHeader(id: string): MsgHdrs {
  const header = headers();
  header.set("Nats-Msg-Id", id);
  return header;
}

export async function openPublisher(supervisor: Supervisor<NatsSession>, target: PublishTarget): Promise<Publisher> {
  const { subject, what } = target;
  const pending = createPendingPublishes<Note>();
  const prefix = nuid.next();
  const unsent = createSendQueue(pending);
  let nextId = 0;
  let nextToken = 0;
  let current: Open | undefined;
  let failure: BrokerError | undefined;

  const fail = (error: BrokerError): void => {
    failure ??= error;
    clearInterval(watch);
    unsent.clear();
    pending.failAll(error);
  };

  /** The stream is missing, or its confirms: nothing is sent until it was found again, or the grace time is over. */
  function again(): void {
    current?.subscription.unsubscribe();
    current = undefined;
    reopener.reopen();
  }

  function confirm(message: Msg, on: Open): void {
    const token = message.subject.slice(on.inbox.length + 1);
    const entry = on.inFlight.get(token);
    if (on !== current || entry === undefined) return;
    on.inFlight.delete(token);
    on.bytes -= entry.body.byteLength;
    on.heardMs = performance.now();
    if (message.headers?.code === 503) {
      again();
      return;
    }
    const { error } = message.json<Answer>();
    if (error === undefined) pending.settle(entry);
    else refuse(entry, error.description);
    pump();
  }

  function refuse(entry: PendingPublish<Note>, why: string): void {
    entry.note.refusals += 1;
    const { refusals } = entry.note;
    if (refusals > refusalsAllowed) {
      const message = `NATS refused a message for ${what} ${refusals} times: ${why}.`;
      pending.settle(entry, new BrokerError("full", message, { retryable: true }));
      return;
    }
    void pause(100 * 2 ** refusals).then(() => {
      unsent.push(entry);
      pump();
    });
  }

  function send(entry: PendingPublish<Note>, on: Open): void {
    nextToken += 1;
    const token = nextToken.toString(36);
    if (on.inFlight.size === 0) on.heardMs = performance.now();
    on.inFlight.set(token, entry);
    on.bytes += entry.body.byteLength;
    try {
      on.connection.publish(subject, entry.body, { reply: `${on.inbox}.${token}`, headers: idHeader(entry.note.id) });
    } catch {
      // The connection is closing under it: sent again on the next one.
    }
  }

  function pump(): void {
    while (current?.connection.isClosed() === false && current.inFlight.size < windowSize && current.bytes < windowBytes) {
      const entry = unsent.next();
      if (entry === undefined) return;
      send(entry, current);
    }
  }

  async function open(session: NatsSession): Promise<void> {
    await probe(session, target);
    const { connection } = session;
    const inbox = createInbox();
    const opened: Open = {
      connection,
      inbox,
      subscription: connection.subscribe(`${inbox}.*`, {
        callback(error, message) {
          if (error === null) confirm(message, opened);
        },
      }),
      inFlight: new Map(),
      bytes: 0,
      heardMs: performance.now(),
    };
    current = opened;
    unsent.restart();
    pump();
  }

  const reopener = createReopener<NatsSession>({
    supervisor,
    open,
    detached: () => {
      current = undefined;
    },
    failed: fail,
  });
  const watch = setInterval(() => {
    if (current !== undefined && current.inFlight.size > 0 && performance.now() - current.heardMs > stalledMs) again();
  }, stalledMs / 3);
  watch.unref();
  try {
    await reopener.ready;
  } catch (error) {
    clearInterval(watch);
    throw error;
  }

  return {
    ...publishingBy(
      (body) => failure ?? tooLarge(body),
      (body, settled) => {
        nextId += 1;
        unsent.push(pending.add(body, { id: `${prefix}.${nextId.toString(36)}`, refusals: 0 }, settled));
        pump();
      },
    ),
    publishUnconfirmed(body) {
      if (current === undefined || current.connection.isClosed() || tooLarge(body) !== undefined) return;
      try {
        current.connection.publish(subject, body);
      } catch {
        // The connection is closing under it.
      }
    },
    drain: () => pending.drain(),
    async close() {
      await within(closeMs, pending.drain(), undefined);
      current?.subscription.unsubscribe();
      current = undefined;
      reopener.close();
      fail(new BrokerError("closed", "This publisher was closed."));
    },
  };
}
