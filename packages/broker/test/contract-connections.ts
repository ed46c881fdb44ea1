import { expect, it } from "vitest";
import { bytes, reader, text } from "./contract-stage.ts";
import type { ContractStage } from "./contract-stage.ts";

/** Connections that break, end, or never come about. */
export function connectionsKept({ harness, where, network, owner, client, scan, reconnected, returns }: ContractStage): void {
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
    expect(again.deliveryCount).toBe(returns(0, 1));
    held.ack();
    again.requeue();
    const third = await deliveries.next();
    expect(third.deliveryCount).toBe(returns(1, 1));
    third.ack();
    expect(await deliveries.quiet()).toBe(true);
  });

  where("network")(
    "of consumers beside each other none gets what a lost connection gives back of another: it counts once",
    async () => {
      const [server, worker] = [await owner(), await client()];
      const { work } = await scan(server);
      const first = await worker.consumer(work, { prefetch: 1 });
      const second = await worker.consumer(work, { prefetch: 4, beside: first });
      const publisher = await server.publisher(work);
      await publisher.publish(bytes("unit"));
      await Promise.race([reader(first).next(), reader(second).next()]);
      network().cut();
      const deliveries = reader(await server.consumer(work, { prefetch: 1 }));
      expect((await deliveries.next()).deliveryCount).toBe(returns(0, 1));
    },
  );

  where("network")("a consumer beside another may end while that one goes on, and gives back what it had", async () => {
    const [server, worker] = [await owner(), await client()];
    const { work } = await scan(server);
    const first = await worker.consumer(work, { prefetch: 1 });
    const second = await worker.consumer(work, { prefetch: 1, beside: first });
    const publisher = await server.publisher(work);
    for (const body of ["a", "b"]) await publisher.publish(bytes(body));
    const [one, two] = [reader(first), reader(second)];
    const [held, given] = await Promise.all([one.next(), two.next()]);
    await second.close();
    held.ack();
    const again = await one.next();
    expect(text(again.body)).toBe(text(given.body));
    expect(again.deliveryCount).toBe(1);
    const back = reconnected(worker);
    network().breakConnections();
    await back;
    expect((await one.next()).deliveryCount).toBe(returns(1, 1));
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
    // One that is not confirmed when all is closed has done what it is for.
    const repeating = setInterval(() => void broadcaster.broadcast(bytes("still there")).catch(() => undefined), 100);
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
}
