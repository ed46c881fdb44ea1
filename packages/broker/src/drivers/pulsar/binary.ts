import { randomUUID } from "node:crypto";
import type * as pulsar from "pulsar-client";
import { deferred } from "@skyscan/runtime";
import { BrokerError } from "../../errors.ts";
import type { PulsarOptions } from "./options.ts";
import { batchMs, giveBackMs, ledgerOf } from "./transport.ts";
import type {
  ConsumerEvents,
  ProducerEvents,
  ProducerOptions,
  PulsarTransport,
  ReaderEvents,
  SubscribeOptions,
} from "./transport.ts";

type Library = typeof pulsar.default;

const connectMs = 10_000;
/** The library connects again by itself, without a word; deliveries of before are void then, so that is looked for. */
const lookMs = 1000;

async function load(): Promise<Library> {
  return (await import("pulsar-client")).default;
}

/** Whether Apache's binary client is here, with its native library. */
export const binaryLoads = (): Promise<boolean> =>
  load().then(
    () => true,
    () => false,
  );

function configOf({ service, token, caFile, tls }: PulsarOptions, { AuthenticationToken }: Library): pulsar.ClientConfig {
  return {
    serviceUrl: service,
    operationTimeoutSeconds: connectMs / 1000,
    connectionTimeoutMs: connectMs,
    tlsValidateHostname: true,
    ...(tls.ca !== undefined && caFile !== undefined && { tlsTrustCertsFilePath: caFile }),
    ...(token !== undefined && { authentication: new AuthenticationToken({ token }) }),
  };
}

/** Pulsar's binary protocol, by Apache's own client. @throws BrokerError `not-installed`. */
export async function createBinaryTransport(options: PulsarOptions, name: string): Promise<PulsarTransport> {
  const library = await load().catch((error: unknown) => {
    throw new BrokerError(
      "not-installed",
      `The binary protocol of Pulsar needs the package pulsar-client with its native library, which cannot be loaded here. Install it (npm install pulsar-client), or use Pulsar's WebSocket address (ws://HOST:8080) in SKYSCAN_BROKER_ADDRESS.`,
      { cause: error },
    );
  });
  const client: pulsar.Client = new library.Client(configOf(options, library));
  const lost = deferred<Error>();
  const open = new Set<{ isConnected(): boolean }>();
  const topicOf = (name: string): string => `persistent://${options.tenant}/${options.namespace}/${encodeURIComponent(name)}`;
  const giveUp = (reason: Error): void => {
    lost.resolve(reason);
    clearInterval(looking);
  };
  const looking = setInterval(() => {
    if ([...open].some((one) => !one.isConnected())) giveUp(new Error("the connection broke"));
  }, lookMs);
  looking.unref();

  async function opened<T extends { isConnected(): boolean; close(): Promise<null> }>(
    opening: Promise<T>,
  ): Promise<{ readonly it: T; readonly close: () => Promise<void> }> {
    const it = await opening;
    open.add(it);
    return {
      it,
      async close() {
        if (open.delete(it)) await it.close().catch(() => undefined);
      },
    };
  }

  return {
    lost: lost.promise,
    giveUp,
    knock: () => Promise.resolve(),
    async producer(topic: string, { batched }: ProducerOptions, { receipt, refused }: ProducerEvents) {
      const batches = { batchingEnabled: batched, batchingMaxPublishDelayMs: batchMs };
      const config = { topic: topicOf(topic), ...batches, maxPendingMessages: 2000 };
      const { it: producer, close } = await opened(client.createProducer(config));
      return {
        send(body, context, properties) {
          const data = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
          producer.send({ data, properties: { ...properties } }).then(
            (id) => receipt(context, ledgerOf(id.serialize())),
            (error: unknown) => refused(context, String(error)),
          );
        },
        close,
      };
    },
    async consumer(topic: string, { subscription, type, holdSec, ahead = 0 }: SubscribeOptions, events: ConsumerEvents) {
      const ownName = `${name} ${randomUUID()}`;
      const subscribing = client.subscribe({
        topic: topicOf(topic),
        subscription,
        subscriptionType: type,
        consumerName: ownName,
        subscriptionInitialPosition: "Earliest",
        receiverQueueSize: ahead,
        nAckRedeliverTimeoutMs: giveBackMs,
        // The client refuses less than ten seconds.
        ...(holdSec !== undefined && { ackTimeoutMs: Math.max(10_000, Math.round(1000 * holdSec)) }),
      });
      const { it: consumer, close } = await opened(subscribing).catch((error: unknown) => {
        if (/ConsumerBusy/.test(String(error)))
          throw new BrokerError("locked", `${topic} has another consumer.`, { cause: error });
        throw error;
      });
      const held = new Map<string, pulsar.Message>();
      let wanted = 0;
      let receiving = false;
      async function receive(): Promise<void> {
        if (receiving) return;
        receiving = true;
        try {
          while (wanted > 0 && open.has(consumer)) {
            const message = await consumer.receive();
            wanted -= 1;
            const id = message.getMessageId().serialize().toString("base64");
            held.set(id, message);
            events.message({ id, body: message.getData(), redeliveryCount: message.getRedeliveryCount() });
          }
        } catch (error) {
          if (open.has(consumer)) events.ended(error instanceof Error ? error : new Error(String(error)));
        } finally {
          receiving = false;
        }
      }
      const take = (id: string): pulsar.Message | undefined => {
        const message = held.get(id);
        held.delete(id);
        return message;
      };
      return {
        name: ownName,
        // A connection that the library made anew counts as lost.
        permitAgain: () => undefined,
        permit(count) {
          wanted += count;
          void receive();
        },
        ack(id) {
          const message = take(id);
          if (message !== undefined) void consumer.acknowledge(message).catch(() => undefined);
        },
        giveBack(id) {
          const message = take(id);
          if (message !== undefined) consumer.negativeAcknowledge(message);
        },
        close,
      };
    },
    async reader(topic: string, after: string | undefined, { message: hear }: ReaderEvents) {
      const { MessageId } = library;
      const reading = client.createReader({
        topic: topicOf(topic),
        startMessageId: after === undefined ? MessageId.earliest() : MessageId.deserialize(Buffer.from(after, "base64")),
        listener(message) {
          hear(message.getMessageId().serialize().toString("base64"), message.getData(), message.getProperties());
        },
      });
      const { close } = await opened(reading);
      return { close };
    },
    async close() {
      clearInterval(looking);
      open.clear();
      await client.close().catch(() => undefined);
      lost.resolve(new Error("the connection was closed"));
    },
  };
}
