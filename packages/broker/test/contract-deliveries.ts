import { expect, it } from "vitest";
import type { BrokerError } from "@skyscan/broker";
import { deferred } from "@skyscan/runtime";
import { bytes, reader, text } from "./contract-stage.ts";
import type { ContractStage } from "./contract-stage.ts";

/** What is published comes, in order, as often as it should, to whom it should. */
export function deliveriesKept({ owner, client, scan }: ContractStage): void {
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

  it("without promises it is the same: in order, told of once and later, until the consumer ends", async () => {
    const [server, worker] = [await owner(), await client()];
    const { work } = await scan(server);
    const publisher = await server.publisher(work);
    const consumer = await worker.consumer(work, { prefetch: 50 });
    const sent = Array.from({ length: 200 }, (_, index) => String(index));
    const got: string[] = [];
    const all = deferred();
    const reading = consumer.forEach((delivery) => {
      got.push(text(delivery.body));
      delivery.ack();
      if (got.length === sent.length) all.resolve();
    });
    const told: (string | undefined)[] = [];
    const allTold = deferred();
    const tell = (error?: BrokerError): void => {
      told.push(error?.code);
      if (told.length === sent.length + 1) allTold.resolve();
    };
    for (const body of sent) publisher.send(bytes(body), tell);
    publisher.send(new Uint8Array(8 * 1024 * 1024 + 1), tell);
    expect(told).toEqual([]);
    await Promise.all([all.promise, allTold.promise]);
    expect(got).toEqual(sent);
    expect(told.filter((code) => code !== undefined)).toEqual(["full"]);
    await consumer.stop();
    await reading;
    expect(told).toHaveLength(sent.length + 1);
  });

  it("a reader that throws ends, and what comes then waits for the next", async () => {
    const [server, worker] = [await owner(), await client()];
    const { work } = await scan(server);
    const publisher = await server.publisher(work);
    const consumer = await worker.consumer(work, { prefetch: 10 });
    await publisher.publish(bytes("one"));
    const reading = consumer.forEach((delivery) => {
      delivery.ack();
      throw new Error(text(delivery.body));
    });
    await expect(reading).rejects.toThrow("one");
    await publisher.publish(bytes("two"));
    expect(text((await reader(consumer).next()).body)).toBe("two");
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
}
