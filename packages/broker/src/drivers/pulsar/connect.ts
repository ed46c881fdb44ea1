import { messageOf, pause } from "@skyscan/runtime";
import type { Broker, QueueSpec } from "../../broker.ts";
import type { Connect } from "../../driver.ts";
import { BrokerError } from "../../errors.ts";
import { createOpenHandles } from "../../open-handles.ts";
import { createSupervisor } from "../../supervisor.ts";
import { binaryLoads, createBinaryTransport } from "./binary.ts";
import { openConsumer } from "./consumer.ts";
import { openBroadcaster, openListener } from "./control.ts";
import { HttpFailure, connectFailure, requestFailure } from "./failures.ts";
import { keepCounts } from "./keeper.ts";
import { takeLock } from "./lock.ts";
import { pulsarOptions } from "./options.ts";
import { preflight } from "./preflight.ts";
import { purgeQueue } from "./purge.ts";
import { openQueuePublisher } from "./queue-publisher.ts";
import { declareAll, missingQueues, queueDepth, queueExists, removeAll, silence, trimQueue } from "./queues.ts";
import { createSession } from "./session.ts";
import type { PulsarSession } from "./session.ts";
import { createWebsocketTransport } from "./websocket.ts";

const againMs = 250;
const trimMs = 1000;

/** Connects to Pulsar: a topic with one shared subscription for each queue, a topic that keeps what was said for control. */
export const connectPulsar: Connect = async (resolve, { logger, purpose }) => {
  let description = "";
  let holdSec = 0;
  let told = false;
  let declared: { specs: readonly QueueSpec[]; control: string } | undefined;

  /** A broker that is starting answers before it has its namespaces: only at first is that final. */
  const notYet = (failure: BrokerError): BrokerError =>
    description !== "" && ["bad-address", "unsupported"].includes(failure.code)
      ? new BrokerError("unreachable", failure.message, { cause: failure, retryable: true })
      : failure;

  const supervisor = await createSupervisor<PulsarSession>({
    async connect() {
      const settings = await resolve();
      const options = await pulsarOptions(settings, binaryLoads);
      const name = `skyscan ${purpose} ${process.pid}`;
      const transport =
        options.transport === "binary" ? await createBinaryTransport(options, name) : createWebsocketTransport(options, name);
      const session = createSession(options, transport);
      try {
        // Each time: the broker that comes back may have been set up otherwise.
        const version = await preflight(session, options);
        description = `pulsar ${version} at ${options.where}`;
      } catch (error) {
        await session.close();
        throw notYet(connectFailure(error, options));
      }
      if (!told && !settings.address.includes("://"))
        logger.info(
          { where: options.where, transport: options.transport },
          "Pulsar's address has no scheme: this transport is used",
        );
      told = true;
      ({ holdSec } = options);
      return { session, limits: settings };
    },
    async restore(session) {
      if (declared === undefined) return [];
      const missing = await missingQueues(session, declared.specs);
      await declareAll(session, declared.specs, declared.control);
      return missing;
    },
    logger,
  });

  /** Runs a request that may be repeated, again when the connection is lost over it or no answer comes. */
  async function request<T>(what: string, run: (session: PulsarSession) => Promise<T>): Promise<T> {
    const startMs = performance.now();
    for (;;) {
      const session = await supervisor.whenUp();
      try {
        return await run(session);
      } catch (error) {
        const translated = requestFailure(error, what, "do this");
        if (translated instanceof BrokerError) throw translated;
        if (supervisor.session === session && performance.now() - startMs > 1000 * supervisor.goneSec) {
          const said = error instanceof HttpFailure ? `answers ${messageOf(error)}` : "does not answer";
          throw new BrokerError("lost", `Pulsar ${said} for ${what}.`, { cause: error });
        }
        await pause(againMs);
      }
    }
  }

  const handles = createOpenHandles();
  const keepers = new Map<string, () => Promise<void>>();

  function keep(specs: readonly QueueSpec[]): void {
    for (const { name, deliveryLimit, deadLetterTo } of specs) {
      if (deliveryLimit === undefined || deadLetterTo === undefined || keepers.has(name)) continue;
      keepers.set(name, keepCounts(supervisor, name));
    }
  }

  const trimming = setInterval(() => {
    const { session } = supervisor;
    for (const spec of declared?.specs ?? [])
      if (session !== undefined && spec.durability === "transient")
        trimQueue(session, spec).catch((error: unknown) =>
          logger.debug({ queue: spec.name, error }, "A queue could not be trimmed"),
        );
  }, trimMs);
  trimming.unref();

  const broker: Broker = {
    get description() {
      return description;
    },
    get maxHoldSec() {
      return holdSec;
    },
    lossesUncounted: true,
    async declare(queues, control) {
      await request("the queues", async (session) => {
        await declareAll(session, queues, control);
        // The end that an owner of before told is not the end of what begins now.
        await silence(session, control);
      });
      declared = { specs: [...queues], control };
      keep(queues);
    },
    async remove(queues, control) {
      declared = undefined;
      for (const name of queues) {
        await keepers.get(name)?.();
        keepers.delete(name);
      }
      await request("the queues", (session) => removeAll(session, [...queues, control]));
    },
    publisher: async (queue) => handles.writer(await openQueuePublisher(supervisor, queue)),
    consumer: async (queue, options) =>
      handles.reader(await openConsumer(supervisor, queue, options, { holdSec: () => holdSec, logger })),
    broadcaster: async (control) => handles.writer(await openBroadcaster(supervisor, control)),
    listener: async (control) => handles.reader(await openListener(supervisor, control)),
    depth: (queue) => request(`the queue ${queue}`, (session) => queueDepth(session, queue)),
    purge: (queue) => request(`the queue ${queue}`, (session) => purgeQueue(session, queue)),
    exists: (queue) => request(`the queue ${queue}`, (session) => queueExists(session, queue)),
    lock: (name) => takeLock(supervisor, name, logger),
    onState: (listener) => supervisor.onState(listener),
    async close() {
      clearInterval(trimming);
      await handles.close();
      for (const release of keepers.values()) await release();
      await supervisor.close();
    },
  };
  return broker;
};
