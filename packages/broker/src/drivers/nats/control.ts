import { createChannel } from "@skyscan/runtime";
import type { Msg, Subscription } from "@nats-io/transport-node";
import type { Broadcaster, Listener } from "../../broker.ts";
import { createReopener } from "../../reopener.ts";
import type { Supervisor } from "../../supervisor.ts";
import { requestFailure } from "./failures.ts";
import { controlSubject, streamOf } from "./names.ts";
import { openPublisher, probeHeader } from "./publisher.ts";
import type { NatsSession } from "./session.ts";

/** Confirmed when the channel's stream has it, which keeps the last one; who listens now gets it at once. */
export async function openBroadcaster(supervisor: Supervisor<NatsSession>, control: string): Promise<Broadcaster> {
  const publisher = await openPublisher(supervisor, {
    subject: controlSubject(control),
    what: `the control channel ${control}`,
  });
  return { broadcast: (body) => publisher.publish(body), close: () => publisher.close() };
}

/** Subscribes, and reads what was said last, lest it came too late for that: at the start and after each reconnect. */
export async function openListener(supervisor: Supervisor<NatsSession>, control: string): Promise<Listener> {
  const subject = controlSubject(control);
  const messages = createChannel<Uint8Array>();
  let subscription: Subscription | undefined;
  /** Ids of what was heard; the last one, and those since the channel was opened. */
  let heard = new Set<string>();

  function hear(id: string, body: Uint8Array): void {
    if (heard.has(id)) return;
    heard.add(id);
    messages.push(body);
  }

  async function open({ connection, manager }: NatsSession): Promise<void> {
    const stream = streamOf(control);
    heard = new Set([...heard].slice(-1));
    const opened = connection.subscribe(subject, {
      callback(error, message: Msg) {
        if (error === null && message.headers?.has(probeHeader) !== true)
          hear(message.headers?.get("Nats-Msg-Id") ?? "", message.data);
      },
    });
    try {
      await manager.streams.info(stream);
      const last = await manager.direct.getMessage(stream, { last_by_subj: subject });
      if (last !== null) hear(last.header.get("Nats-Msg-Id"), last.data);
      subscription = opened;
    } catch (error) {
      opened.unsubscribe();
      throw requestFailure(error, `the control channel ${control}`);
    }
  }

  const reopener = createReopener<NatsSession>({
    supervisor,
    open,
    detached: () => {
      subscription = undefined;
    },
    failed: (error) => (error.code === "closed" ? messages.end() : messages.fail(error)),
  });
  await reopener.ready;

  return {
    close() {
      reopener.close();
      subscription?.unsubscribe();
      subscription = undefined;
      messages.end();
      return Promise.resolve();
    },
    [Symbol.asyncIterator]: () => messages[Symbol.asyncIterator](),
  };
}
