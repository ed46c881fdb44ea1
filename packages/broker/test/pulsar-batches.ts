import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { Broker, QueueSpec } from "@skyscan/broker";
import { eventually } from "@skyscan/testing";
import type { Pulsar } from "@skyscan/testing";
import { bytes, reader, text } from "./contract-stage.ts";
import type { PulsarChoices } from "./pulsar-handles.ts";

interface TopicStats {
  readonly subscriptions: Readonly<Record<string, { readonly msgBacklog: number }>>;
}

interface InternalStats {
  readonly entriesAddedCounter: number;
}

const bodies = Array.from({ length: 200 }, (_, index) => `reply ${index}`);

/** What holds of a queue whose messages Pulsar keeps several as one. */
export function batchesKept(server: () => Pulsar, open: (address: string, choices?: PulsarChoices) => Promise<Broker>): void {
  const address = (): string => `ws://127.0.0.1:${server().port}`;
  const asked = async <T>(topic: string, about: string): Promise<T> =>
    JSON.parse(await server().admin("GET", `persistent/public/default/${encodeURIComponent(topic)}/${about}`)) as T;

  it.each([1, 500])(
    "messages of a queue with one consumer are kept several as one, and come each by itself: prefetch %i",
    async (prefetch) => {
      const [owner, client] = [await open(address(), { purpose: "server" }), await open(address())];
      const [replies, work, control] = ["replies", "work", "control"].map((name) => `${name}-${randomUUID()}`) as [
        string,
        string,
        string,
      ];
      const queues: QueueSpec[] = [
        { name: replies, durability: "durable", soleConsumer: true },
        { name: work, durability: "durable" },
      ];
      await owner.declare(queues, control);
      for (const queue of [replies, work]) {
        const publisher = await client.publisher(queue);
        await Promise.all(bodies.map((body) => publisher.publish(bytes(body))));
      }
      const entriesOf = async (queue: string): Promise<number> =>
        (await asked<InternalStats>(queue, "internalStats")).entriesAddedCounter;
      expect(await entriesOf(work)).toBe(bodies.length);
      expect(await entriesOf(replies)).toBeLessThan(bodies.length);

      const half = await owner.consumer(replies, { prefetch });
      const first = reader(half);
      for (const body of bodies.slice(0, 100)) {
        const delivery = await first.next();
        expect(text(delivery.body)).toBe(body);
        delivery.ack();
      }
      await half.close();
      // What was kept together with something that is not acked comes again with it.
      const second = reader(await owner.consumer(replies, { prefetch }));
      const came = new Set<string>();
      while (!bodies.slice(100).every((body) => came.has(body))) {
        const delivery = await second.next();
        came.add(text(delivery.body));
        delivery.ack();
      }
      await eventually("acks have arrived", async () => {
        const { subscriptions } = await asked<TopicStats>(replies, "stats?getPreciseBacklog=true");
        return Object.values(subscriptions).every(({ msgBacklog }) => msgBacklog === 0) ? true : undefined;
      });
      await owner.remove([replies, work], control);
    },
  );
}
