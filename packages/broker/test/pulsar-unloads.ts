import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { Broker, QueueSpec } from "@skyscan/broker";
import { eventually } from "@skyscan/testing";
import type { Pulsar } from "@skyscan/testing";
import { bytes, reader, text } from "./contract-stage.ts";
import type { PulsarChoices } from "./pulsar-handles.ts";

interface SubscriptionStats {
  readonly msgBacklog: number;
  readonly consumers: readonly { readonly connectedSince: string }[];
}

interface TopicStats {
  readonly subscriptions: Readonly<Record<string, SubscriptionStats>>;
}

/** What holds although Pulsar's WebSocket service connects to the broker again by itself, as it does when a topic is unloaded. */
export function unloadsSurvived(server: () => Pulsar, open: (address: string, choices?: PulsarChoices) => Promise<Broker>): void {
  const address = (): string => `ws://127.0.0.1:${server().port}`;
  const at = (topic: string): string => `persistent/public/default/${encodeURIComponent(topic)}`;
  async function subscriptionsOf(topic: string): Promise<readonly SubscriptionStats[]> {
    const answer = await server().admin("GET", `${at(topic)}/stats?getPreciseBacklog=true`);
    return Object.values((JSON.parse(answer) as TopicStats).subscriptions);
  }
  /** Since when the consumers of a topic are connected. */
  const connected = async (topic: string): Promise<string[]> =>
    (await subscriptionsOf(topic)).flatMap(({ consumers }) => consumers.map(({ connectedSince }) => connectedSince));
  /** What is on its way when a topic is unloaded comes again. */
  const acked = (topic: string): Promise<true> =>
    eventually("acks have arrived", async () =>
      (await subscriptionsOf(topic)).every(({ msgBacklog }) => msgBacklog === 0) ? true : undefined,
    );
  /** Resolves when all of its consumers are back. */
  async function unload(topic: string): Promise<void> {
    const before = await connected(topic);
    await server().admin("PUT", `${at(topic)}/unload`);
    await eventually("its consumers are back", async () => {
      const now = await connected(topic).catch(() => []);
      return now.length === before.length && now.every((since) => !before.includes(since)) ? true : undefined;
    });
  }

  it("consumers, publishers, listeners and the lock go on after their topics were unloaded", async () => {
    const [owner, client, other] = [await open(address(), { purpose: "server" }), await open(address()), await open(address())];
    const id = randomUUID();
    const [work, replies, control, lock] = [`work-${id}`, `replies-${id}`, `control-${id}`, `lock-${id}`];
    const queues: QueueSpec[] = [
      { name: work, durability: "durable", deliveryLimit: 5, deadLetterTo: replies },
      { name: replies, durability: "durable", soleConsumer: true },
    ];
    await owner.declare(queues, control);
    await owner.lock(lock);
    const [working, replying] = [await owner.publisher(work), await client.publisher(replies)];
    const one = await client.consumer(work, { prefetch: 1 });
    const first = reader(one);
    const second = reader(await client.consumer(work, { prefetch: 2, beside: one }));
    const answers = reader(await owner.consumer(replies, { prefetch: 100 }));
    const listener = (await client.listener(control))[Symbol.asyncIterator]();
    const broadcaster = await owner.broadcaster(control);
    for (const round of ["once", "and again"]) {
      await Promise.all([work, replies, control, lock].map(unload));
      const coming = [first.next(), second.next(), second.next()];
      for (const body of ["a", "b", "c"]) await working.publish(bytes(`${body} ${round}`));
      const deliveries = await Promise.all(coming);
      expect(deliveries.map(({ body }) => text(body)).sort()).toEqual(["a", "b", "c"].map((body) => `${body} ${round}`));
      await replying.publish(bytes(round));
      const answer = await answers.next();
      expect(text(answer.body)).toBe(round);
      for (const delivery of [...deliveries, answer]) delivery.ack();
      await Promise.all([work, replies].map(acked));
      await broadcaster.broadcast(bytes(round));
      expect(text((await listener.next()).value as Uint8Array)).toBe(round);
    }
    expect(await second.quiet()).toBe(true);
    await expect(other.lock(lock)).rejects.toMatchObject({ code: "locked" });
    await owner.remove([work, replies], control);
  });

  it("who is busy when the topic is unloaded gets no more than it has room for", async () => {
    const owner = await open(address(), { purpose: "server" });
    const [busy, idle] = [await open(address()), await open(address())];
    const [work, control] = [`work-${randomUUID()}`, `control-${randomUUID()}`];
    await owner.declare([{ name: work, durability: "durable" }], control);
    const publisher = await owner.publisher(work);
    const deliveries = reader(await busy.consumer(work, { prefetch: 1 }));
    await publisher.publish(bytes("long"));
    const held = await deliveries.next();
    await unload(work);
    const others = reader(await idle.consumer(work, { prefetch: 5 }));
    const seen: string[] = [];
    for (const body of ["1", "2", "3"]) await publisher.publish(bytes(body));
    // The one that is held comes to others, too: the broker forgot who had it.
    while (seen.length < 4) {
      const delivery = await others.next();
      seen.push(text(delivery.body));
      delivery.ack();
    }
    expect(seen.sort()).toEqual(["1", "2", "3", "long"]);
    expect(await deliveries.quiet()).toBe(true);
    held.ack();
    await publisher.publish(bytes("next"));
    const next = await Promise.race([deliveries.next(), others.next()]);
    expect(text(next.body)).toBe("next");
    await owner.remove([work], control);
  });

  it("what is given back just before a consumer ends counts as given back", async () => {
    const [owner, client] = [await open(address(), { purpose: "server" }), await open(address())];
    const [work, control] = [`work-${randomUUID()}`, `control-${randomUUID()}`];
    await owner.declare([{ name: work, durability: "durable", deliveryLimit: 5, deadLetterTo: work }], control);
    const publisher = await owner.publisher(work);
    await publisher.publish(bytes("unit"));
    const consumer = await client.consumer(work, { prefetch: 1 });
    (await reader(consumer).next()).requeue();
    await consumer.close();
    const again = await reader(await client.consumer(work, { prefetch: 1 })).next();
    expect(again.deliveryCount).toBe(1);
    again.ack();
    await owner.remove([work], control);
  });
}
