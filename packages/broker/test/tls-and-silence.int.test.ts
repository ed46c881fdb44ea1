// Starts the embedded broker and a real RabbitMQ node with TLS, and networks that go silent.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmbeddedHost, openBroker } from "@skyscan/broker";
import type { Broker, BrokerState, ConnectionSettings } from "@skyscan/broker";
import { deferred, silentLogger } from "@skyscan/runtime";
import { amqpOptions } from "../src/drivers/rabbitmq/options.ts";
import { openSession, withChannel } from "../src/drivers/rabbitmq/session.ts";
import { makeCertificate, opensslMissing, rabbitmqMissing, startRabbitmq, startTcpProxy } from "@skyscan/testing";
import type { Certificate } from "@skyscan/testing";

type Client = "embedded" | "rabbitmq";
const settings = (client: Client, address: string, more: Partial<ConnectionSettings> = {}): ConnectionSettings => ({
  client,
  address,
  auth: "guest",
  lostSec: 60,
  goneSec: 5,
  ...more,
});
const open = (client: Client, address: string, more?: Partial<ConnectionSettings>): Promise<Broker> =>
  openBroker(() => Promise.resolve(settings(client, address, more)), { logger: silentLogger, purpose: "client" });
const next = (broker: Broker, kind: BrokerState["kind"]): Promise<BrokerState> =>
  new Promise((resolve) => {
    const off = broker.onState((state) => {
      if (state.kind !== kind) return;
      off();
      resolve(state);
    });
  });
const specs = [{ name: "work", durability: "durable" }] as const;

describe.skipIf(opensslMissing !== undefined)("TLS", () => {
  let certificate: Certificate;
  beforeAll(async () => {
    certificate = await makeCertificate();
  });
  afterAll(async () => {
    await certificate.remove();
  });

  it("embedded: clients that trust the certificate come in, others and plain ones do not", async () => {
    const tls = { cert: await readFile(certificate.cert, "utf8"), key: await readFile(certificate.key, "utf8") };
    const host = await createEmbeddedHost({ listen: { host: "127.0.0.1", port: 0 }, token: "guest", tls, logger: silentLogger });
    expect(host.address).toBe(`grpcs://127.0.0.1:${host.port}`);
    await host.broker().declare(specs, "control");
    const client = await open("embedded", host.address, { caFile: certificate.cert });
    expect(await client.exists("work")).toBe(true);
    await client.close();
    await expect(open("embedded", host.address)).rejects.toMatchObject({ code: "unreachable" });
    await expect(open("embedded", host.address, { caFile: "/no/such/ca.pem" })).rejects.toMatchObject({
      code: "bad-address",
      message: expect.stringMatching(/SKYSCAN_BROKER_CA_FILE names \/no\/such\/ca.pem/) as string,
    });
    await expect(open("embedded", `127.0.0.1:${host.port}`)).rejects.toMatchObject({ code: "unreachable" });
    await host.close();
  });

  it.skipIf(rabbitmqMissing !== undefined)("rabbitmq: amqps with the authority named, and a clear word without", async () => {
    const server = await startRabbitmq({ tls: certificate });
    const address = `amqps://guest@127.0.0.1:${server.tlsPort}`;
    const client = await open("rabbitmq", address, { caFile: certificate.cert });
    expect(await client.exists("work")).toBe(false);
    await client.close();
    await expect(open("rabbitmq", address)).rejects.toMatchObject({
      code: "bad-address",
      message: expect.stringContaining("SKYSCAN_BROKER_CA_FILE") as string,
    });
    await expect(open("rabbitmq", `guest@127.0.0.1:${server.tlsPort}`)).rejects.toMatchObject({ code: "unreachable" });
    await server.stop();
  });
});

describe("a network that goes silent", () => {
  it("embedded: both ends notice, what was held goes to another client, and the lost one comes back", async () => {
    const host = await createEmbeddedHost({ listen: { host: "127.0.0.1", port: 0 }, token: "guest", logger: silentLogger });
    const server = host.broker();
    await server.declare(specs, "control");
    const proxy = await startTcpProxy({ port: host.port });
    const far = await open("embedded", `127.0.0.1:${proxy.port}`);
    const near = await open("embedded", host.address);
    const held = (await far.consumer("work", { prefetch: 1 }))[Symbol.asyncIterator]();
    await (await server.publisher("work")).publish(Buffer.from("unit"));
    await held.next();
    const down = next(far, "down");
    proxy.freeze();
    const other = (await near.consumer("work", { prefetch: 1 }))[Symbol.asyncIterator]();
    const { value } = (await other.next()) as { value: { body: Uint8Array; ack(): void } };
    expect(Buffer.from(value.body).toString()).toBe("unit");
    value.ack();
    await down;
    const up = next(far, "up");
    proxy.mend();
    expect(await up).toMatchObject({ reconnected: true });
    expect(await far.exists("work")).toBe(true);
    await far.close();
    await near.close();
    await host.close();
    await proxy.close();
  });

  it.skipIf(rabbitmqMissing !== undefined)(
    "rabbitmq: a connection that goes leaves nobody waiting for an answer, or for the end of a channel",
    async () => {
      const server = await startRabbitmq();
      const proxy = await startTcpProxy({ port: server.port });
      const session = await openSession(await amqpOptions(settings("rabbitmq", `guest@${proxy.host}:${proxy.port}`)), "test");
      const frozen = deferred();
      const answered = withChannel(session.consuming, async (channel) => {
        await channel.checkExchange("amq.fanout");
        proxy.freeze();
        frozen.resolve();
        return "answered";
      });
      await frozen.promise;
      const asked = withChannel(session.publishing, (channel) => channel.checkQueue("work"));
      proxy.cut();
      await Promise.all([session.lost, expect(asked).rejects.toThrow()]);
      expect(await answered).toBe("answered");
      await session.close();
      await proxy.close();
      await server.stop();
    },
  );
});
