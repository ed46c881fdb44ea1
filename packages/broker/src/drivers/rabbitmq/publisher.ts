import type { ConfirmChannel } from "amqplib";
import { messageOf, within } from "@skyscan/runtime";
import type { Publisher } from "../../broker.ts";
import { BrokerError } from "../../errors.ts";
import { publishingBy } from "../../handles.ts";
import { tooLarge } from "../../message-limit.ts";
import { createPendingPublishes } from "../../pending-publishes.ts";
import type { PendingPublish } from "../../pending-publishes.ts";
import { createReopener } from "../../reopener.ts";
import { createSendQueue } from "../../send-queue.ts";
import type { Supervisor } from "../../supervisor.ts";
import { channelFailure, replyCode } from "./failures.ts";
import { closeChannel } from "./session.ts";
import type { AmqpSession } from "./session.ts";

/** Where it publishes: a queue through the default exchange, or an exchange. */
export interface PublishTarget {
  readonly exchange: string;
  readonly routingKey: string;
  /** For error messages: `the queue NAME`. */
  readonly what: string;
  /** A message that reaches no queue is an error. */
  readonly mandatory: boolean;
  /** Rejects with a 404 when it does not exist, with a 403 when it may not be used. */
  readonly check: (channel: ConfirmChannel, session: AmqpSession) => Promise<unknown>;
}

/** No more than this is unconfirmed on the wire; the rest waits here, so that a slow broker is not flooded. */
const windowSize = 5000;
const refusalsAllowed = 5;

interface Note {
  refusals: number;
}

interface OpenChannel {
  readonly channel: ConfirmChannel;
  readonly session: AmqpSession;
  inFlight: number;
  /** The library's buffer has room. */
  writable: boolean;
}

export async function openPublisher(supervisor: Supervisor<AmqpSession>, target: PublishTarget): Promise<Publisher> {
  const { exchange, routingKey, what, mandatory } = target;
  const pending = createPendingPublishes<Note>();
  const unsent = createSendQueue(pending);
  let current: OpenChannel | undefined;
  let failure: BrokerError | undefined;
  let stopHearing: (() => void) | undefined;

  const fail = (error: BrokerError): void => {
    failure ??= error;
    unsent.clear();
    pending.failAll(error);
  };

  function confirm(entry: PendingPublish<Note>, on: OpenChannel, refusal: unknown): void {
    if (on !== current) return;
    on.inFlight -= 1;
    if (refusal !== null && refusal !== undefined) {
      // The library fails what is open when the channel closes, before it says so: sent again on the next channel.
      if (messageOf(refusal) !== "message nacked") return;
      entry.note.refusals += 1;
      if (entry.note.refusals > refusalsAllowed) {
        const message = `RabbitMQ refused a message for ${what} ${entry.note.refusals} times (length limit, or a queue without a leader).`;
        pending.settle(entry, new BrokerError("full", message, { retryable: true }));
      } else {
        setTimeout(
          () => {
            unsent.push(entry);
            pump();
          },
          100 * 2 ** entry.note.refusals,
        );
      }
    } else {
      pending.settle(entry);
    }
    pump();
  }

  /**
   * The broker sent a message back, since there is no such queue; it would confirm it next. Nothing is sent until the queue was found again, or the grace
   * time is over, and then all that is not confirmed.
   */
  function returned(on: OpenChannel): void {
    if (on !== current) return;
    current = undefined;
    void closeChannel(on.channel);
    reopener.reopen();
  }

  function send(entry: PendingPublish<Note>, on: OpenChannel): void {
    const body = Buffer.from(entry.body.buffer, entry.body.byteOffset, entry.body.byteLength);
    const options = { persistent: true, mandatory };
    on.inFlight += 1;
    try {
      on.writable = on.channel.publish(exchange, routingKey, body, options, (refusal: unknown) => confirm(entry, on, refusal));
    } catch {
      // The connection is closing under it: sent again on the next one.
      on.writable = false;
    }
  }

  function pump(): void {
    while (current?.writable === true && current.session.blocked === undefined && current.inFlight < windowSize) {
      const entry = unsent.next();
      if (entry === undefined) return;
      send(entry, current);
    }
  }

  async function open(session: AmqpSession): Promise<void> {
    const channel = await session.publishing.createConfirmChannel();
    const opened: OpenChannel = { channel, session, inFlight: 0, writable: true };
    channel.on("error", (error) => {
      const refused = replyCode(error) === 403 ? channelFailure(error, what) : undefined;
      if (refused instanceof BrokerError) {
        reopener.close();
        fail(refused);
      }
    });
    channel.on("close", () => {
      if (current !== opened) return;
      current = undefined;
      reopener.reopen();
    });
    channel.on("return", () => returned(opened));
    channel.on("drain", () => {
      opened.writable = true;
      pump();
    });
    try {
      await target.check(channel, session);
    } catch (error) {
      throw channelFailure(error, what);
    }
    current = opened;
    stopHearing?.();
    stopHearing = session.onBlocked((reason) => {
      if (reason === undefined) pump();
    });
    unsent.restart();
    pump();
  }

  const reopener = createReopener<AmqpSession>({
    supervisor,
    open,
    detached: () => {
      current = undefined;
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
      if (current?.writable !== true || current.session.blocked !== undefined || tooLarge(body) !== undefined) return;
      const content = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      try {
        current.writable = current.channel.publish(exchange, routingKey, content, { persistent: false });
      } catch {
        // The connection is closing under it.
      }
    },
    drain: () => pending.drain(),
    async close() {
      await within(5000, pending.drain(), undefined);
      const last = current;
      current = undefined;
      reopener.close();
      stopHearing?.();
      fail(new BrokerError("closed", "This publisher was closed."));
      if (last !== undefined) await closeChannel(last.channel);
    },
  };
}
