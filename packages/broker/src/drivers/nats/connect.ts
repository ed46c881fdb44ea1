import { TimeoutError } from "@nats-io/transport-node";
import { pause } from "@skyscan/runtime";
import type { Broker, QueueSpec } from "../../broker.ts";
import type { Connect } from "../../driver.ts";
import { BrokerError } from "../../errors.ts";
import { createOpenHandles } from "../../open-handles.ts";
import { createSupervisor } from "../../supervisor.ts";
import { openConsumer } from "./consumer.ts";
import { openBroadcaster, openListener } from "./control.ts";
import { connectFailure, isNobody, requestFailure } from "./failures.ts";
import { takeLock } from "./lock.ts";
import { queueSubject } from "./names.ts";
import { natsOptions } from "./options.ts";
import { preflight } from "./preflight.ts";
import { openPublisher } from "./publisher.ts";
import { purgeQueue } from "./purge.ts";
import { declareAll, missingQueues, queueDepth, queueExists, removeAll, silence } from "./queues.ts";
import type { QueueSettings } from "./queues.ts";
import { openSession } from "./session.ts";
import type { NatsSession } from "./session.ts";

const againMs = 250;

/** Connects to NATS: a stream with one durable consumer for each queue, a stream that keeps the last message for control. */
export const connectNats: Connect = async (resolve, { logger, purpose }) => {
  let description = "";
  let queueSettings: QueueSettings = { ackWaitSec: 0, replicas: 1 };
  let declared: { specs: readonly QueueSpec[]; control: string } | undefined;

  const supervisor = await createSupervisor<NatsSession>({
    async connect() {
      const settings = await resolve();
      const options = await natsOptions(settings);
      const session = await openSession(options, `skyscan ${purpose} ${process.pid}`, logger);
      try {
        // Each time: the server that comes back may have been set up otherwise.
        await preflight(session, options);
      } catch (error) {
        await session.close();
        // A server that takes connections and says nothing is as good as none.
        throw connectFailure(error, options);
      }
      session.onRefused((error) => setImmediate(() => supervisor.fail(error)));
      description = `nats ${session.info.version} at ${options.where}`;
      queueSettings = options;
      return { session, limits: settings };
    },
    async restore(session) {
      if (declared === undefined) return [];
      const missing = await missingQueues(session, declared.specs);
      await declareAll(session, declared.specs, declared.control, queueSettings);
      return missing;
    },
    logger,
  });

  /** Runs a request that may be repeated, again when the connection is lost over it or no answer comes: a cluster may be choosing a leader. */
  async function request<T>(what: string, run: (session: NatsSession) => Promise<T>): Promise<T> {
    const startMs = performance.now();
    for (;;) {
      const session = await supervisor.whenUp();
      try {
        return await run(session);
      } catch (error) {
        const translated = requestFailure(error, what);
        if (translated instanceof BrokerError) throw translated;
        if (!session.connection.isClosed()) {
          if (!(error instanceof TimeoutError) && !isNobody(error)) throw error;
          if (performance.now() - startMs > 1000 * supervisor.goneSec)
            throw new BrokerError("lost", `JetStream at NATS does not answer for ${what}.`, { cause: error });
        }
        await pause(againMs);
      }
    }
  }

  const handles = createOpenHandles();

  const broker: Broker = {
    get description() {
      return description;
    },
    // Consumers tell the server again and again that they are still at it.
    maxHoldSec: null,
    // nats-server issue 5346.
    lossesUncounted: true,
    async declare(queues, control) {
      await request("the queues", async (session) => {
        await declareAll(session, queues, control, queueSettings);
        // The end that an owner of before told is not the end of what begins now.
        await silence(session, control);
      });
      declared = { specs: [...queues], control };
    },
    async remove(queues, control) {
      declared = undefined;
      await request("the queues", (session) => removeAll(session, queues, control));
    },
    publisher: async (queue) =>
      handles.writer(await openPublisher(supervisor, { subject: queueSubject(queue), what: `the queue ${queue}` })),
    consumer: async (queue, options) => handles.reader(await openConsumer(supervisor, queue, options, logger)),
    broadcaster: async (control) => handles.writer(await openBroadcaster(supervisor, control)),
    listener: async (control) => handles.reader(await openListener(supervisor, control)),
    depth: (queue) => request(`the queue ${queue}`, (session) => queueDepth(session, queue)),
    purge: (queue) => request(`the queue ${queue}`, (session) => purgeQueue(session, queue)),
    exists: (queue) => request(`the queue ${queue}`, (session) => queueExists(session, queue)),
    lock: (name) => takeLock(supervisor, name, () => queueSettings.replicas, logger),
    onState: (listener) => supervisor.onState(listener),
    async close() {
      await handles.close();
      await supervisor.close();
    },
  };
  return broker;
};
