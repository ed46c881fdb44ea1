import { afterAll, beforeAll, expect, test } from "vitest";
import { maxMessageBytes, openBroker } from "@skyscan/broker";
import { silentLogger } from "@skyscan/runtime";
import type { ShippedBroker } from "@skyscan/testing";
import { dummyScans } from "./dummy-scans.ts";
import { scanning } from "./scanning.ts";

/** Declares the tests of `resources/brokers/NAME`. To be called within a `describe`; returns what they run on. */
export function shippedFilesFit<Broker>(start: () => Promise<ShippedBroker<Broker>>): () => ShippedBroker<Broker> {
  const fresh = dummyScans();
  let shipped: ShippedBroker<Broker> | undefined;
  beforeAll(async () => {
    shipped = await start();
  });
  afterAll(() => shipped?.stop());

  test("a whole scan, with the user of servers and that of clients, over TLS", async () => {
    const scan = await fresh({ nsides: ["1:0"], env: shipped!.env("server") });
    const server = scan.server();
    const asClient = scanning(scan.directory, { reco: "dummy", nsides: ["1:0"], env: shipped!.env("client") }).client();
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await asClient.ended).toMatchObject({ status: 0 });
    expect(await scan.manifest()).toMatchObject({ state: "finished", failures: { "failed units": 0 } });
  });

  test("the largest message that there is", async () => {
    const settings = await shipped!.connection("server");
    const broker = await openBroker(() => Promise.resolve(settings), { logger: silentLogger, purpose: "server" });
    const [queue, control] = ["workers-largest", "control-largest"];
    await broker.declare([{ name: queue, durability: "durable" }], control);
    const sent = new Uint8Array(maxMessageBytes).fill(65);
    await (await broker.publisher(queue)).publish(sent);
    for await (const delivery of await broker.consumer(queue, { prefetch: 1 })) {
      expect(Buffer.from(delivery.body).equals(sent)).toBe(true);
      delivery.ack();
      break;
    }
    await broker.remove([queue], control);
    await broker.close();
  });

  return () => shipped!;
}
