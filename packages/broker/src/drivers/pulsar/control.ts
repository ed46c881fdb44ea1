import { createChannel } from "@skyscan/runtime";
import type { Broadcaster, Listener } from "../../broker.ts";
import { createReopener } from "../../reopener.ts";
import type { Supervisor } from "../../supervisor.ts";
import { requestFailure } from "./failures.ts";
import { epochProperty } from "./names.ts";
import { openPublisher } from "./publisher.ts";
import { declaredControl } from "./queues.ts";
import type { PulsarSession } from "./session.ts";

/** Confirmed when the topic has it, where a subscription that nobody reads keeps it for those who come late. */
export async function openBroadcaster(supervisor: Supervisor<PulsarSession>, control: string): Promise<Broadcaster> {
  const publisher = await openPublisher(supervisor, {
    topic: control,
    what: `the control channel ${control}`,
    check: async (session) => ({
      properties: { [epochProperty]: String((await declaredControl(session, control)).note.epoch) },
      batched: false,
    }),
  });
  return { broadcast: (body) => publisher.publish(body), close: () => publisher.close() };
}

/** Reads the topic from its earliest message on, and after a reconnect from the one that it heard last. */
export async function openListener(supervisor: Supervisor<PulsarSession>, control: string): Promise<Listener> {
  const messages = createChannel<Uint8Array>();
  let close: (() => Promise<void>) | undefined;
  let heard: string | undefined;
  /** What an owner of before said is kept for a while, but was not meant for who came later. */
  let sinceEpoch: number | undefined;

  async function open(session: PulsarSession): Promise<void> {
    const { note } = await declaredControl(session, control);
    sinceEpoch ??= note.epoch;
    const since = sinceEpoch;
    try {
      const ended = (): void => {
        if (supervisor.session !== session) return;
        close = undefined;
        reopener.reopen();
      };
      const reader = await session.transport.reader(control, heard, {
        message(id, body, properties) {
          if (supervisor.session !== session) return;
          heard = id;
          if (Number(properties[epochProperty]) >= since) messages.push(body);
        },
        ended,
      });
      close = session.belongsTo(control, reader, ended);
    } catch (error) {
      throw requestFailure(error, `the control channel ${control}`, "consume");
    }
  }

  const reopener = createReopener<PulsarSession>({
    supervisor,
    open,
    detached: () => {
      close = undefined;
    },
    failed: (error) => (error.code === "closed" ? messages.end() : messages.fail(error)),
  });
  await reopener.ready;

  return {
    async close() {
      reopener.close();
      const last = close;
      close = undefined;
      messages.end();
      await last?.();
    },
    [Symbol.asyncIterator]: () => messages[Symbol.asyncIterator](),
  };
}
