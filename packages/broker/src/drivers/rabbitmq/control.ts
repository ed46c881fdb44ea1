import { createChannel } from "@skyscan/runtime";
import type { Broadcaster, Listener } from "../../broker.ts";
import { createReopener } from "../../reopener.ts";
import type { Supervisor } from "../../supervisor.ts";
import { channelFailure } from "./failures.ts";
import { probeType, tryToPublish } from "./preflight.ts";
import { openPublisher } from "./publisher.ts";
import { closeChannel } from "./session.ts";
import type { AmqpSession } from "./session.ts";

/** Broadcasts through a fanout exchange; confirmed when it is in the queue of everybody who listens now. */
export async function openBroadcaster(supervisor: Supervisor<AmqpSession>, control: string): Promise<Broadcaster> {
  let tried = false;
  const publisher = await openPublisher(supervisor, {
    exchange: control,
    routingKey: "",
    what: `the control channel ${control}`,
    mandatory: false,
    async check(channel, session) {
      await channel.checkExchange(control);
      // Without the right END could not be told, and that would come out at the end of the scan.
      if (!tried) await tryToPublish(session, control, "");
      tried = true;
    },
  });
  return { broadcast: (body) => publisher.publish(body), close: () => publisher.close() };
}

/** Listens through an exclusive queue of its own, named by the broker (`amq.gen-…`), that goes with the connection. */
export async function openListener(supervisor: Supervisor<AmqpSession>, control: string): Promise<Listener> {
  const messages = createChannel<Uint8Array>();
  let closeCurrent: (() => Promise<void>) | undefined;

  async function open(session: AmqpSession): Promise<void> {
    const channel = await session.consuming.createChannel();
    let live = true;
    const close = (): Promise<void> => (live ? closeChannel(channel) : Promise.resolve());
    channel.on("error", () => undefined);
    channel.on("close", () => {
      live = false;
      if (closeCurrent !== close) return;
      closeCurrent = undefined;
      reopener.reopen();
    });
    try {
      const { queue } = await channel.assertQueue("", { exclusive: true, autoDelete: true });
      await channel.bindQueue(queue, control, "");
      await channel.consume(
        queue,
        (message) => {
          if (message === null) void close();
          else if (message.properties.type !== probeType) messages.push(message.content);
        },
        { noAck: true },
      );
      closeCurrent = close;
    } catch (error) {
      await close();
      throw channelFailure(error, `the control channel ${control}`);
    }
  }

  const reopener = createReopener<AmqpSession>({
    supervisor,
    open,
    detached: () => {
      closeCurrent = undefined;
    },
    failed: (error) => (error.code === "closed" ? messages.end() : messages.fail(error)),
  });
  await reopener.ready;

  return {
    async close() {
      reopener.close();
      const close = closeCurrent;
      closeCurrent = undefined;
      messages.end();
      await close?.();
    },
    [Symbol.asyncIterator]: () => messages[Symbol.asyncIterator](),
  };
}
