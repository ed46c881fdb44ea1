import { randomUUID } from "node:crypto";
import { BrokerError } from "../../errors.ts";
import { statusOf } from "./failures.ts";
import type { PulsarOptions } from "./options.ts";
import { createSockets } from "./sockets.ts";
import type { SocketEvents } from "./sockets.ts";
import { batchMs, giveBackMs, ledgerOf } from "./transport.ts";
import type {
  ConsumerEvents,
  EndEvents,
  ProducerEvents,
  ProducerOptions,
  PulsarTransport,
  ReaderEvents,
  SubscribeOptions,
} from "./transport.ts";

/** The close code for a frame that is larger than the other end takes. */
const frameTooLarge = 1009;

interface ProducerAnswer {
  readonly result: string;
  readonly context?: string;
  readonly messageId?: string;
  readonly errorMsg?: string;
}

interface Incoming {
  readonly messageId: string;
  readonly payload?: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly redeliveryCount?: number;
}

const closedBy =
  ({ ended }: EndEvents): SocketEvents["closed"] =>
  (code, reason) =>
    ended(
      Object.assign(new Error(`Pulsar closed it with ${code}${reason === "" ? "" : ` (${reason})`}`), {
        tooLarge: code === frameTooLarge,
      }),
    );

const bytesOf = (text = ""): Buffer => Buffer.from(text, "base64");

function subscribeQuery({ type, holdSec, ahead = 0 }: SubscribeOptions, name: string): Record<string, string> {
  return {
    subscriptionType: type,
    consumerName: name,
    ...(type === "Exclusive" && { subscriptionMode: "NonDurable" }),
    subscriptionInitialPosition: "Earliest",
    // Messages come one by one as they are asked for, so that what nobody can take goes to somebody else.
    pullMode: "true",
    receiverQueueSize: String(ahead),
    negativeAckRedeliveryDelay: String(giveBackMs),
    ...(holdSec !== undefined && { ackTimeoutMillis: String(Math.round(1000 * holdSec)) }),
  };
}

/** Apache's WebSocket API: one socket for each producer, consumer and reader, JSON with base64 on it. `name` is for people who look into the broker. */
export function createWebsocketTransport(options: PulsarOptions, name: string): PulsarTransport {
  const sockets = createSockets(options);

  return {
    lost: sockets.lost,
    giveUp: (reason) => sockets.giveUp(reason),
    async knock() {
      // There is no subscription of this type: it makes nothing, and is refused as such where the service is on.
      const path = "consumer/TOPIC/skyscan-nothing/skyscan-nothing";
      const nothing = { message: () => undefined, closed: () => undefined };
      try {
        const socket = await sockets.open(path, { subscriptionType: "None" }, nothing);
        await socket.close();
      } catch (error) {
        if (statusOf(error) !== 400) throw error;
      }
    },
    async producer(topic: string, { batched }: ProducerOptions, events: ProducerEvents) {
      const query = {
        batchingEnabled: String(batched),
        batchingMaxPublishDelay: String(batchMs),
        maxPendingMessages: "2000",
      };
      const socket = await sockets.open(`producer/TOPIC/${encodeURIComponent(topic)}`, query, {
        message(text) {
          const { result, context = "", messageId = "", errorMsg = result } = JSON.parse(text) as ProducerAnswer;
          if (result === "ok") events.receipt(context, ledgerOf(bytesOf(messageId)));
          else events.refused(context, errorMsg);
        },
        closed: closedBy(events),
      });
      return {
        send(body, context, properties) {
          const payload = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("base64");
          socket.send(JSON.stringify({ payload, context, properties }));
        },
        close: () => socket.close(),
      };
    },
    async consumer(topic: string, subscribe: SubscribeOptions, events: ConsumerEvents) {
      const path = `consumer/TOPIC/${encodeURIComponent(topic)}/${subscribe.subscription}`;
      const ownName = `${name} ${randomUUID()}`;
      const socket = await sockets
        .open(path, subscribeQuery(subscribe, ownName), {
          message(text) {
            const { messageId, payload, redeliveryCount = 0 } = JSON.parse(text) as Incoming;
            events.message({ id: messageId, body: bytesOf(payload), redeliveryCount });
          },
          closed: closedBy(events),
        })
        .catch((error: unknown) => {
          if (statusOf(error) === 409) throw new BrokerError("locked", `${topic} has another consumer.`, { cause: error });
          throw error;
        });
      const permit = (permitMessages: number): void => socket.send(JSON.stringify({ type: "permit", permitMessages }));
      return {
        name: ownName,
        permit,
        permitAgain(count) {
          // The service asks the broker for the next one when its count rises from none.
          permit(-count);
          permit(count);
        },
        ack: (messageId) => socket.send(JSON.stringify({ messageId })),
        giveBack: (messageId) => socket.send(JSON.stringify({ type: "negativeAcknowledge", messageId })),
        close: () => socket.close(),
      };
    },
    async reader(topic: string, after: string | undefined, events: ReaderEvents) {
      const query = { messageId: after ?? "earliest" };
      const socket = await sockets.open(`reader/TOPIC/${encodeURIComponent(topic)}`, query, {
        message(text) {
          const { messageId, payload, properties = {} } = JSON.parse(text) as Incoming;
          events.message(messageId, bytesOf(payload), properties);
          socket.send(JSON.stringify({ messageId }));
        },
        closed: closedBy(events),
      });
      return socket;
    },
    close: () => sockets.close(),
  };
}
