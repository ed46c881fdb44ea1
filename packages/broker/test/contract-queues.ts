import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { bytes, reader, text } from "./contract-stage.ts";
import type { ContractStage } from "./contract-stage.ts";

/** Queues, broadcasts and locks: what is there, what is not there yet, what is gone. */
export function queuesKept({ owner, client, scan, own }: ContractStage): void {
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
    own(server, [name], `${name}-control`);
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
}
