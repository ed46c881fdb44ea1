// Starts the embedded broker on a loopback port, with a network in front of it that can be broken.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmbeddedHost, openBroker } from "@skyscan/broker";
import type { Broker, ConnectionSettings, EmbeddedHost } from "@skyscan/broker";
import { silentLogger } from "@skyscan/runtime";
import { freePort, startTcpProxy } from "@skyscan/testing";
import type { TcpProxy } from "@skyscan/testing";
import { brokerContract } from "./contract.ts";
import type { Harness, OpenChoices } from "./contract-stage.ts";

const token = "embedded-secret";
const loopback = { host: "127.0.0.1", port: 0 };
const settings = (address: string, choices: OpenChoices = {}): ConnectionSettings => ({
  client: "embedded",
  address,
  auth: token,
  lostSec: 30,
  goneSec: 5,
  ...choices,
});
const openClient = (address: string, choices?: OpenChoices): Promise<Broker> =>
  openBroker(() => Promise.resolve(settings(address, choices)), { logger: silentLogger, purpose: "client" });

let host: EmbeddedHost;
let proxy: TcpProxy;
let nobody: string;

beforeAll(async () => {
  host = await createEmbeddedHost({ listen: loopback, token, logger: silentLogger });
  proxy = await startTcpProxy({ port: host.port });
  nobody = `127.0.0.1:${await freePort()}`;
});
afterAll(async () => {
  await host.close();
  await proxy.close();
});

brokerContract(
  "embedded",
  (): Harness => ({
    owner: () => Promise.resolve(host.broker()),
    client: (choices) => openClient(`127.0.0.1:${proxy.port}`, choices),
    network: proxy,
    nobody,
  }),
  ["restart"],
);

describe("embedded", () => {
  it("confirms a reply only when the collector has acked it", async () => {
    const server = host.broker();
    await server.declare([{ name: "journalled", durability: "durable" }], "control-journalled");
    const client = await openClient(host.address);
    const publisher = await client.publisher("journalled");
    let confirmed = false;
    const publishing = publisher.publish(Buffer.from("reply")).then(() => {
      confirmed = true;
    });
    const consumer = await server.consumer("journalled", { prefetch: 1 });
    const { value } = (await consumer[Symbol.asyncIterator]().next()) as { value: { ack(): void } };
    // A question asked behind the publish is answered behind what the host says to it.
    await client.exists("journalled");
    expect(confirmed).toBe(false);
    value.ack();
    await publishing;
    expect(confirmed).toBe(true);
    await client.close();
    await server.remove(["journalled"], "control-journalled");
  });

  it("a host that comes back on its port is a broker that comes back empty: clients go on by themselves", async () => {
    const specs = [
      { name: "work", durability: "durable" },
      { name: "replies", durability: "durable" },
    ] as const;
    const first = await createEmbeddedHost({ listen: loopback, token, logger: silentLogger });
    await first.broker().declare(specs, "control");
    const front = await startTcpProxy({ port: first.port });
    const client = await openClient(`127.0.0.1:${front.port}`);
    const deliveries = (await client.consumer("work", { prefetch: 5 }))[Symbol.asyncIterator]();
    const publisher = await client.publisher("replies");
    await (await first.broker().publisher("work")).publish(Buffer.from("old"));
    const old = (await deliveries.next()) as { value: { body: Uint8Array; ack(): void } };
    const reply = publisher.publish(Buffer.from("reply"));
    front.cut();
    await first.close();

    const second = await createEmbeddedHost({ listen: { host: "127.0.0.1", port: first.port }, token, logger: silentLogger });
    front.mend();
    const server = second.broker();
    await server.declare(specs, "control");
    const replies = (await server.consumer("replies", { prefetch: 5 }))[Symbol.asyncIterator]();
    const again = (await replies.next()) as { value: { body: Uint8Array; ack(): void } };
    expect(Buffer.from(again.value.body).toString()).toBe("reply");
    again.value.ack();
    await reply;
    old.value.ack();
    await (await server.publisher("work")).publish(Buffer.from("new"));
    const fresh = (await deliveries.next()) as { value: { body: Uint8Array; ack(): void } };
    expect(Buffer.from(fresh.value.body).toString()).toBe("new");
    fresh.value.ack();
    await client.close();
    await second.close();
    await front.close();
  });

  it("leaves declaring, removing, purging, locking and broadcasting to the host", async () => {
    const client = await openClient(host.address);
    const refusal = { code: "refused-right" };
    await expect(client.declare([], "c")).rejects.toMatchObject(refusal);
    await expect(client.remove([], "c")).rejects.toMatchObject(refusal);
    await expect(client.purge("q")).rejects.toMatchObject(refusal);
    await expect(client.lock("l")).rejects.toMatchObject(refusal);
    await expect(client.broadcaster("c")).rejects.toMatchObject(refusal);
    await client.close();
  });

  it("says which port is taken", async () => {
    const opening = createEmbeddedHost({ listen: { host: "127.0.0.1", port: host.port }, token, logger: silentLogger });
    await expect(opening).rejects.toMatchObject({
      code: "bad-address",
      message: expect.stringContaining(String(host.port)) as string,
    });
  });
});
