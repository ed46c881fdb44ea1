import { pause } from "@skyscan/runtime";
import type { Broker, QueueSpec } from "../../broker.ts";
import type { Connect } from "../../driver.ts";
import { createOpenHandles } from "../../open-handles.ts";
import { createSupervisor } from "../../supervisor.ts";
import { openConsumer } from "./consumer.ts";
import { openBroadcaster, openListener } from "./control.ts";
import { channelFailure, replyCode } from "./failures.ts";
import { takeLock } from "./lock.ts";
import { amqpOptions } from "./options.ts";
import { preflight } from "./preflight.ts";
import { openPublisher } from "./publisher.ts";
import { declareAll, durableNames, missingQueues, queueExists, removeAll, removeLeaderless } from "./queues.ts";
import { openSession, withChannel } from "./session.ts";
import type { AmqpSession } from "./session.ts";

/**
 * A broker killed within a second of a quorum queue's declaration comes back with the queue there, its contents gone and nobody to lead it
 * (queues.ts). So queues younger than this count as emptied, what is published twice being harmless and what is lost not, and are asked for their leader.
 */
export const youthMs = 5000;

/** Connects to RabbitMQ: quorum queues for what must not be lost, classic ones for what may, a fanout exchange for control. */
export const connectRabbitmq: Connect = async (resolve, { logger, purpose }) => {
  let where = "";
  let version = "";
  let maxHoldSec = 0;
  let heartbeatSec = 0;
  let checked = false;
  let declared: { specs: readonly QueueSpec[]; control: string; atMs: number } | undefined;
  let lostYoung = false;

  const supervisor = await createSupervisor<AmqpSession>({
    async connect() {
      const settings = await resolve();
      const options = await amqpOptions(settings);
      const session = await openSession(options, `skyscan ${purpose} ${process.pid}`);
      // A broker in alarm does not even say whether one may publish.
      const hearNoMore = session.onBlocked((reason) => {
        if (reason !== undefined) logger.warn({ reason }, "RabbitMQ takes no messages (alarm): waiting until it does");
      });
      try {
        if (!checked) await preflight(session, options);
      } catch (error) {
        await session.close();
        throw error;
      } finally {
        hearNoMore();
      }
      checked = true;
      ({ where, heartbeatSec, consumerTimeoutSec: maxHoldSec } = options);
      ({ version } = session);
      hearAlarms(session);
      void session.lost.then(() => {
        if (declared !== undefined && performance.now() - declared.atMs <= youthMs) lostYoung = true;
      });
      return { session, limits: settings };
    },
    async restore(session) {
      if (declared === undefined) return [];
      const missing = await missingQueues(session, declared.specs);
      await declareAll(session, declared.specs, declared.control);
      if (missing.length > 0) declared.atMs = performance.now();
      if (!lostYoung) return missing;
      await removeLeaderless(session, declared.specs, logger);
      return durableNames(declared.specs);
    },
    logger,
  });
  supervisor.onState((state) => {
    if (state.kind === "up" && state.reconnected) lostYoung = false;
  });

  function hearAlarms(session: AmqpSession): void {
    session.onBlocked((reason) => {
      if (reason === undefined) {
        logger.info({}, "RabbitMQ takes messages again");
        supervisor.report({ kind: "up", reconnected: false, emptied: [] });
      } else {
        logger.warn({ reason }, "RabbitMQ takes no messages (alarm)");
        supervisor.report({ kind: "blocked", reason });
      }
    });
  }

  /** Runs a request that may be repeated, again when the connection is lost over it. */
  async function request<T>(what: string, run: (session: AmqpSession) => Promise<T>): Promise<T> {
    for (;;) {
      const session = await supervisor.whenUp();
      try {
        return await run(session);
      } catch (error) {
        const translated = channelFailure(error, what);
        // Only the broker's own answers have a code; anything else means that the connection is going.
        const goes =
          replyCode(error) === undefined &&
          translated === error &&
          (await Promise.race([session.lost, pause(1000)])) !== undefined;
        if (!goes) throw translated;
      }
    }
  }

  const handles = createOpenHandles();

  const broker: Broker = {
    get description() {
      return `rabbitmq ${version} at ${where}`;
    },
    get maxHoldSec() {
      return maxHoldSec;
    },
    async declare(queues, control) {
      await request("the queues", async (session) => {
        await declareAll(session, queues, control);
        await removeLeaderless(session, queues, logger);
      });
      declared = { specs: [...queues], control, atMs: performance.now() };
    },
    async remove(queues, control) {
      declared = undefined;
      await request("the queues", (session) => removeAll(session, queues, control));
    },
    publisher: async (queue) =>
      handles.writer(
        await openPublisher(supervisor, {
          exchange: "",
          routingKey: queue,
          what: `the queue ${queue}`,
          mandatory: true,
          check: (channel) => channel.checkQueue(queue),
        }),
      ),
    consumer: async (queue, options) => handles.reader(await openConsumer(supervisor, queue, options)),
    broadcaster: async (control) => handles.writer(await openBroadcaster(supervisor, control)),
    listener: async (control) => handles.reader(await openListener(supervisor, control)),
    async depth(queue) {
      const { messageCount } = await request(`the queue ${queue}`, (session) =>
        withChannel(session.consuming, (channel) => channel.checkQueue(queue)),
      );
      return messageCount;
    },
    async purge(queue) {
      const { messageCount } = await request(`the queue ${queue}`, (session) =>
        withChannel(session.consuming, (channel) => channel.purgeQueue(queue)),
      );
      return messageCount;
    },
    exists: (queue) => request(`the queue ${queue}`, (session) => queueExists(session, queue)),
    lock: (name) => takeLock(supervisor, name, () => Math.max(10_000, 3000 * heartbeatSec), logger),
    onState: (listener) => supervisor.onState(listener),
    async close() {
      await handles.close();
      await supervisor.close();
    },
  };
  return broker;
};
