import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { deferred } from "@skyscan/runtime";
import type { Broker, BrokerState, Consumer, Delivery, QueueSpec } from "@skyscan/broker";

export interface OpenChoices {
  readonly address?: string;
  readonly auth?: string;
  readonly goneSec?: number;
  readonly lostSec?: number;
}

/** What a driver's test file gives the contract: a real broker, and ways to hurt it. */
export interface Harness {
  /** The side that declares. */
  owner(choices?: OpenChoices): Promise<Broker>;
  /** The other side, through the network where there is one. */
  client(choices?: OpenChoices): Promise<Broker>;
  /** Between clients and broker. Absent for drivers that lack it. */
  readonly network?: BreakableNetwork;
  /** A place where nobody listens. */
  readonly nobody: string;
}

export interface BreakableNetwork {
  /** Breaks every client's connection, once. */
  breakConnections(): void;
  /** Nothing gets through to the broker until `mend`. */
  cut(): void;
  mend(): void;
}

/** What a broker may be without; the guarantees about it are then nobody's to keep. */
export type Lack = "network" | "credentials";

const text = (body: Uint8Array): string => Buffer.from(body).toString();
const bytes = (body: string): Uint8Array => Buffer.from(body);
const quietMs = 300;

/** Reads one consumer from several places of a test. */
function reader(consumer: Consumer): { next(): Promise<Delivery>; quiet(): Promise<boolean> } {
  const iterator = consumer[Symbol.asyncIterator]();
  let ahead: Promise<IteratorResult<Delivery>> | undefined;
  return {
    async next() {
      const result = await (ahead ?? iterator.next());
      ahead = undefined;
      if (result.done === true) throw new Error("the consumer ended");
      return result.value;
    },
    async quiet() {
      ahead ??= iterator.next();
      ahead.catch(() => undefined);
      return Promise.race([ahead.then(() => false), new Promise<boolean>((resolve) => setTimeout(resolve, quietMs, true))]);
    },
  };
}

/** The guarantees of the seam, over one driver. */
export function brokerContract(name: string, harness: () => Harness, lacks: readonly Lack[] = []): void {
  const where = (needed: Lack): ((guarantee: string, test: () => Promise<void>) => void) =>
    lacks.includes(needed) ? () => undefined : it;
  const network = (): BreakableNetwork => harness().network!;
  describe(`${name} keeps the broker contract`, () => {
    const open: Broker[] = [];
    const owned: { owner: Broker; queues: string[]; control: string }[] = [];

    afterEach(async () => {
      harness().network?.mend();
      for (const { owner, queues, control } of owned.splice(0)) await owner.remove(queues, control).catch(() => undefined);
      for (const broker of open.splice(0).reverse()) await broker.close();
    });

    async function owner(choices?: OpenChoices): Promise<Broker> {
      const broker = await harness().owner(choices);
      open.push(broker);
      return broker;
    }
    async function client(choices?: OpenChoices): Promise<Broker> {
      const broker = await harness().client(choices);
      open.push(broker);
      return broker;
    }
    /** A scan's queues: work, replies, dead, workers, control; names nobody else has. */
    async function scan(broker: Broker, deliveryLimit = 5) {
      const id = randomUUID();
      const names = {
        work: `work-${id}`,
        replies: `replies-${id}`,
        dead: `dead-${id}`,
        workers: `workers-${id}`,
        control: `control-${id}`,
      };
      const queues: QueueSpec[] = [
        { name: names.work, durability: "durable", deliveryLimit, deadLetterTo: names.dead },
        { name: names.replies, durability: "durable", deliveryLimit: 1_000_000 },
        { name: names.dead, durability: "durable" },
        { name: names.workers, durability: "transient", timeToLiveSec: 90, maxLength: 3 },
      ];
      await broker.declare(queues, names.control);
      owned.push({ owner: broker, queues: queues.map((queue) => queue.name), control: names.control });
      return { ...names, queues };
    }
    const reconnected = (broker: Broker): Promise<BrokerState & { kind: "up" }> => {
      const seen = deferred<BrokerState & { kind: "up" }>();
      const off = broker.onState((state) => {
        if (state.kind !== "up" || !state.reconnected) return;
        off();
        seen.resolve(state);
      });
      return seen.promise;
    };

    it("a published message reaches the other side, and an acked one never comes again", async () => {
      const [server, worker] = [await owner(), await client()];
      const { work } = await scan(server);
      const publisher = await server.publisher(work);
      const consumer = await worker.consumer(work, { prefetch: 1 });
      await publisher.publish(bytes("one"));
      const deliveries = reader(consumer);
      const delivery = await deliveries.next();
      expect(text(delivery.body)).toBe("one");
      expect(delivery.deliveryCount ?? 0).toBe(0);
      delivery.ack();
      await publisher.publish(bytes("two"));
      const second = await deliveries.next();
      expect(text(second.body)).toBe("two");
      second.ack();
      await consumer.close();
      const other = reader(await worker.consumer(work, { prefetch: 1 }));
      expect(await other.quiet()).toBe(true);
    });

    it("messages come in the order in which they were published", async () => {
      const [server, worker] = [await owner(), await client()];
      const { work } = await scan(server);
      const publisher = await server.publisher(work);
      const sent = Array.from({ length: 2000 }, (_, index) => String(index));
      const confirmed = Promise.all(sent.map((body) => publisher.publish(bytes(body))));
      const deliveries = reader(await worker.consumer(work, { prefetch: 50 }));
      const got: string[] = [];
      while (got.length < sent.length) {
        const delivery = await deliveries.next();
        got.push(text(delivery.body));
        delivery.ack();
      }
      expect(got).toEqual(sent);
      await confirmed;
    });

    it("a client's reply is confirmed and reaches the owner", async () => {
      const [server, worker] = [await owner(), await client()];
      const { replies } = await scan(server);
      const deliveries = reader(await server.consumer(replies, { prefetch: 10 }));
      const publisher = await worker.publisher(replies);
      const confirmed = publisher.publish(bytes("reply"));
      (await deliveries.next()).ack();
      await confirmed;
      expect(await deliveries.quiet()).toBe(true);
    });

    it("large and empty messages arrive whole; one beyond the limit is refused and hurts nobody", async () => {
      const [server, worker] = [await owner(), await client()];
      const { work } = await scan(server);
      const publisher = await server.publisher(work);
      const deliveries = reader(await worker.consumer(work, { prefetch: 10 }));
      const large = Buffer.alloc(3_000_000, "skyscan");
      await expect(publisher.publish(new Uint8Array(8 * 1024 * 1024 + 1))).rejects.toMatchObject({
        code: "full",
        retryable: false,
      });
      await publisher.publish(large);
      await publisher.publish(new Uint8Array(0));
      expect(large.equals((await deliveries.next()).body)).toBe(true);
      expect((await deliveries.next()).body.byteLength).toBe(0);
    });

    it("prefetch bounds what is out", async () => {
      const [server, worker] = [await owner(), await client()];
      const { work } = await scan(server);
      const publisher = await server.publisher(work);
      for (const body of ["1", "2", "3"]) await publisher.publish(bytes(body));
      const deliveries = reader(await worker.consumer(work, { prefetch: 2 }));
      const first = await deliveries.next();
      await deliveries.next();
      expect(await deliveries.quiet()).toBe(true);
      first.ack();
      expect(text((await deliveries.next()).body)).toBe("3");
    });

    it("a requeued message goes to another consumer, with its return counted", async () => {
      const [server, one, two] = [await owner(), await client(), await client()];
      const { work } = await scan(server);
      const first = reader(await one.consumer(work, { prefetch: 1 }));
      const publisher = await server.publisher(work);
      await publisher.publish(bytes("unit"));
      const delivery = await first.next();
      const second = reader(await two.consumer(work, { prefetch: 1 }));
      delivery.requeue();
      const again = await second.next();
      expect(text(again.body)).toBe("unit");
      expect(again.deliveryCount).toBe(1);
      // Ended already: says nothing to the broker.
      delivery.ack();
      delivery.requeue();
      again.ack();
      expect(await second.quiet()).toBe(true);
    });

    it("what a closed consumer held goes to another one", async () => {
      const [server, one, two] = [await owner(), await client(), await client()];
      const { work } = await scan(server);
      const publisher = await server.publisher(work);
      for (const body of ["a", "b", "c"]) await publisher.publish(bytes(body));
      const closing = await one.consumer(work, { prefetch: 3 });
      const held = await reader(closing).next();
      const deliveries = reader(await two.consumer(work, { prefetch: 3 }));
      await closing.close();
      const got = [await deliveries.next(), await deliveries.next(), await deliveries.next()].map(({ body }) => text(body));
      expect(got.sort()).toEqual(["a", "b", "c"]);
      held.ack();
    });

    it("a stopped consumer takes nothing new, and may still end what is out", async () => {
      const [server, one, two] = [await owner(), await client(), await client()];
      const { work } = await scan(server);
      const publisher = await server.publisher(work);
      for (const body of ["a", "b"]) await publisher.publish(bytes(body));
      const stopping = await one.consumer(work, { prefetch: 2 });
      const first = reader(stopping);
      const held = await first.next();
      await stopping.stop();
      await expect(first.next()).rejects.toThrow("ended");
      const second = reader(await two.consumer(work, { prefetch: 5 }));
      expect(text((await second.next()).body)).toBe("b");
      held.ack();
      await one.close();
      expect(await second.quiet()).toBe(true);
    });

    it("what comes back too often goes to the dead queue", async () => {
      const [server, worker] = [await owner(), await client()];
      const { work, dead } = await scan(server, 2);
      const publisher = await server.publisher(work);
      await publisher.publish(bytes("poison"));
      const deliveries = reader(await worker.consumer(work, { prefetch: 1 }));
      for (const returns of [0, 1, 2]) {
        const delivery = await deliveries.next();
        expect(delivery.deliveryCount).toBe(returns);
        delivery.requeue();
      }
      const funeral = await reader(await server.consumer(dead, { prefetch: 1 })).next();
      expect(text(funeral.body)).toBe("poison");
      funeral.ack();
      expect(await deliveries.quiet()).toBe(true);
    });

    it("purge and depth count what waits, not what is out", async () => {
      const [server, worker] = [await owner(), await client()];
      const { work } = await scan(server);
      const publisher = await server.publisher(work);
      const deliveries = reader(await worker.consumer(work, { prefetch: 1 }));
      for (const body of ["out", "x", "y"]) await publisher.publish(bytes(body));
      const out = await deliveries.next();
      await expect.poll(() => server.depth(work), { timeout: 10_000 }).toBe(2);
      expect(await server.purge(work)).toBe(2);
      expect(await server.depth(work)).toBe(0);
      out.requeue();
      expect(text((await deliveries.next()).body)).toBe("out");
    });

    it("a bounded transient queue drops the oldest", async () => {
      const [server, worker] = [await owner(), await client()];
      const { workers } = await scan(server);
      const publisher = await worker.publisher(workers);
      for (const body of ["1", "2", "3", "4", "5"]) await publisher.publish(bytes(body));
      await expect.poll(() => server.depth(workers), { timeout: 10_000 }).toBe(3);
      publisher.publishUnconfirmed(bytes("6"));
      const deliveries = reader(await server.consumer(workers, { prefetch: 10 }));
      let last = "";
      while (last !== "6") {
        const delivery = await deliveries.next();
        last = text(delivery.body);
        expect(Number(last)).toBeGreaterThan(2);
        delivery.ack();
      }
    });

    it("who opens a missing queue is told so after the grace time, and makes nothing", async () => {
      const [server, worker] = [await owner(), await client({ goneSec: 1 })];
      const missing = `missing-${randomUUID()}`;
      await Promise.all([
        expect(worker.consumer(missing, { prefetch: 1 })).rejects.toMatchObject({ code: "queue-gone" }),
        expect(worker.publisher(missing)).rejects.toMatchObject({ code: "queue-gone" }),
        expect(worker.listener(missing)).rejects.toMatchObject({ code: "queue-gone" }),
      ]);
      expect(await server.exists(missing)).toBe(false);
      expect(await worker.exists(missing)).toBe(false);
    });

    it("who opens a queue a moment too early gets it when it is there", async () => {
      const [server, worker] = [await owner(), await client({ goneSec: 20 })];
      const name = `late-${randomUUID()}`;
      const opening = worker.consumer(name, { prefetch: 1 });
      expect(await worker.exists(name)).toBe(false);
      await server.declare([{ name, durability: "durable" }], `${name}-control`);
      owned.push({ owner: server, queues: [name], control: `${name}-control` });
      await (await server.publisher(name)).publish(bytes("early bird"));
      expect(text((await reader(await opening).next()).body)).toBe("early bird");
    });

    it("a removed queue ends its users with queue-gone", async () => {
      const [server, worker] = [await owner(), await client({ goneSec: 1 })];
      const { work, replies, control, queues } = await scan(server);
      const deliveries = reader(await worker.consumer(work, { prefetch: 1 }));
      const publisher = await worker.publisher(replies);
      const next = deliveries.next();
      next.catch(() => undefined);
      await server.remove(
        queues.map((queue) => queue.name),
        control,
      );
      const publishing = publisher.publish(bytes("too late"));
      await expect(publishing).rejects.toMatchObject({ code: "queue-gone" });
      await expect(next).rejects.toMatchObject({ code: "queue-gone" });
      expect(await server.exists(work)).toBe(false);
      // Removing what is gone is no error.
      await server.remove([work], control);
    });

    it("a broadcast reaches everybody who listens", async () => {
      const [server, one, two] = [await owner(), await client(), await client()];
      const { control } = await scan(server);
      const iterators = [await one.listener(control), await two.listener(control)].map((listener) =>
        listener[Symbol.asyncIterator](),
      );
      const broadcaster = await server.broadcaster(control);
      await broadcaster.broadcast(bytes("end"));
      for (const iterator of iterators) {
        const { value } = (await iterator.next()) as { value: Uint8Array };
        expect(text(value)).toBe("end");
      }
    });

    it("two scans on one broker do not mix", async () => {
      const [server, worker] = [await owner(), await client()];
      const [a, b] = [await scan(server), await scan(server)];
      await (await server.publisher(a.work)).publish(bytes("a"));
      await (await server.publisher(b.work)).publish(bytes("b"));
      const [listenA, listenB] = [await worker.listener(a.control), await worker.listener(b.control)];
      await (await server.broadcaster(b.control)).broadcast(bytes("to b"));
      const fromB = reader(await worker.consumer(b.work, { prefetch: 5 }));
      expect(text((await fromB.next()).body)).toBe("b");
      expect(await fromB.quiet()).toBe(true);
      const { value } = (await listenB[Symbol.asyncIterator]().next()) as { value: Uint8Array };
      expect(text(value)).toBe("to b");
      await listenA.close();
      expect(await listenA[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
      expect(await server.depth(a.work)).toBe(1);
    });

    it("declaring the same again changes nothing; with other arguments it is refused", async () => {
      const server = await owner();
      const { queues, work, control } = await scan(server);
      await (await server.publisher(work)).publish(bytes("kept"));
      await server.declare(queues, control);
      await expect.poll(() => server.depth(work), { timeout: 10_000 }).toBe(1);
      await expect(server.declare([{ name: work, durability: "durable", deliveryLimit: 77 }], control)).rejects.toMatchObject({
        code: "mismatch",
        message: expect.stringContaining(work) as string,
      });
    });

    it("a lock has one holder, until it is released", async () => {
      const [one, two] = [await owner(), await owner()];
      const name = `lock-${randomUUID()}`;
      const lock = await one.lock(name);
      await expect(two.lock(name)).rejects.toMatchObject({ code: "locked" });
      await lock.release();
      await (await two.lock(name)).release();
    });

    where("network")("after a broken connection what was out is void, and comes again", async () => {
      const [server, worker] = [await owner(), await client()];
      const { work } = await scan(server);
      const deliveries = reader(await worker.consumer(work, { prefetch: 2 }));
      const publisher = await server.publisher(work);
      await publisher.publish(bytes("held"));
      const held = await deliveries.next();
      const back = reconnected(worker);
      network().breakConnections();
      await back;
      const again = await deliveries.next();
      expect(text(again.body)).toBe("held");
      expect(again.deliveryCount).toBe(1);
      held.ack();
      again.requeue();
      const third = await deliveries.next();
      expect(third.deliveryCount).toBe(2);
      third.ack();
      expect(await deliveries.quiet()).toBe(true);
    });

    where("network")("what was published while the network was cut arrives when it is back", async () => {
      const [server, worker] = [await owner(), await client()];
      const { replies, control } = await scan(server);
      const deliveries = reader(await server.consumer(replies, { prefetch: 100 }));
      const publisher = await worker.publisher(replies);
      const listener = (await worker.listener(control))[Symbol.asyncIterator]();
      const down = new Promise<void>((resolve) => {
        worker.onState((state) => {
          if (state.kind === "down") resolve();
        });
      });
      network().cut();
      const confirmed = Promise.all(["1", "2", "3"].map((body) => publisher.publish(bytes(body))));
      await down;
      const back = reconnected(worker);
      network().mend();
      await back;
      const got = new Set<string>();
      while (got.size < 3) {
        const delivery = await deliveries.next();
        got.add(text(delivery.body));
        delivery.ack();
      }
      await confirmed;
      const broadcaster = await server.broadcaster(control);
      // The listener comes back on its own time; a broadcast reaches who listens at that moment.
      const heard = listener.next();
      const repeating = setInterval(() => void broadcaster.broadcast(bytes("still there")), 100);
      const { value } = (await heard) as { value: Uint8Array };
      clearInterval(repeating);
      expect(text(value)).toBe("still there");
    });

    where("network")("a broker that stays away is given up after the limit", async () => {
      const [server, worker] = [await owner(), await client({ lostSec: 1 })];
      const { work } = await scan(server);
      const deliveries = reader(await worker.consumer(work, { prefetch: 1 }));
      const publisher = await worker.publisher(work);
      const failed = new Promise<unknown>((resolve) => {
        worker.onState((state) => {
          if (state.kind === "failed") resolve(state.error);
        });
      });
      const next = deliveries.next();
      next.catch(() => undefined);
      network().cut();
      expect(await failed).toMatchObject({ code: "lost" });
      await expect(next).rejects.toMatchObject({ code: "lost" });
      await expect(publisher.publish(bytes("x"))).rejects.toMatchObject({ code: "lost" });
      await expect(worker.exists(work)).rejects.toMatchObject({ code: "lost" });
    });

    it("closing drains: what was published is confirmed, readers end, later calls say closed", async () => {
      const [server, worker] = [await owner(), await client()];
      const { replies, work } = await scan(server);
      const deliveries = reader(await server.consumer(replies, { prefetch: 100 }));
      const publisher = await worker.publisher(replies);
      const idle = reader(await worker.consumer(work, { prefetch: 1 })).next();
      idle.catch(() => undefined);
      const confirmed = Promise.all(["1", "2", "3"].map((body) => publisher.publish(bytes(body))));
      const closing = worker.close();
      for (const body of ["1", "2", "3"]) {
        const delivery = await deliveries.next();
        expect(text(delivery.body)).toBe(body);
        delivery.ack();
      }
      await closing;
      await confirmed;
      await expect(idle).rejects.toThrow("ended");
      await expect(publisher.publish(bytes("4"))).rejects.toMatchObject({ code: "closed" });
      await expect(worker.exists(work)).rejects.toMatchObject({ code: "closed" });
    });

    it("an address where nobody listens fails at once as unreachable", async () => {
      await expect(harness().client({ address: harness().nobody })).rejects.toMatchObject({
        code: "unreachable",
        retryable: true,
      });
    });

    where("credentials")("a wrong token is refused, and stands in no message", async () => {
      const opening = harness().client({ auth: "not-the-secret" });
      await expect(opening).rejects.toMatchObject({ code: "refused-credentials" });
      await expect(opening).rejects.not.toThrow("not-the-secret");
    });
  });
}
