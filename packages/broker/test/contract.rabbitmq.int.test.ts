// Starts a real RabbitMQ node (Debian's), with a network in front of it that can be broken.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { openBroker } from "@skyscan/broker";
import type { Broker, BrokerState, ConnectionSettings, Consumer, Delivery, QueueSpec } from "@skyscan/broker";
import { pause, silentLogger } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { freePort, rabbitmqMissing, startRabbitmq, startTcpProxy } from "@skyscan/testing";
import type { Rabbitmq, TcpProxy } from "@skyscan/testing";
import { youthMs } from "../src/drivers/rabbitmq/connect.ts";
import { brokerContract } from "./contract.ts";
import type { Harness, OpenChoices } from "./contract-stage.ts";

const settings = (address: string, choices: OpenChoices = {}): ConnectionSettings => ({
  client: "rabbitmq",
  address,
  auth: "guest",
  lostSec: 60,
  goneSec: 10,
  ...choices,
});

/** A queue is safe from a kill only when it is older than a moment: no event tells when, neither the broker's nor the driver's. */
const settled = (): Promise<void> => pause(youthMs + 100);

/** Call it before the connection breaks. */
const nextUp = (broker: Broker): Promise<BrokerState> =>
  new Promise((resolve) => {
    broker.onState((state) => {
      if (state.kind === "up") resolve(state);
    });
  });

describe.skipIf(rabbitmqMissing !== undefined)("RabbitMQ", () => {
  let server: Rabbitmq;
  let proxy: TcpProxy;
  let nobody: string;
  const open: Broker[] = [];

  const connect = async (address: string, purpose: "server" | "client", choices?: OpenChoices): Promise<Broker> =>
    openBroker(() => Promise.resolve(settings(address, choices)), { logger: silentLogger, purpose });
  const kept = async (opening: Promise<Broker>): Promise<Broker> => {
    const broker = await opening;
    open.push(broker);
    return broker;
  };

  beforeAll(async () => {
    server = await startRabbitmq();
    proxy = await startTcpProxy({ port: server.port });
    nobody = `127.0.0.1:${await freePort()}`;
  });
  afterAll(async () => {
    for (const broker of open) await broker.close();
    await proxy.close();
    await server.stop();
  });

  brokerContract("rabbitmq", (): Harness => ({
    owner: (choices) => connect(`guest@127.0.0.1:${server.port}`, "server", choices),
    client: (choices) => connect(`guest@127.0.0.1:${proxy.port}`, "client", choices),
    network: proxy,
    server: { kill9: () => server.kill9(), restart: () => server.restart(), settled },
    nobody,
  }));

  it("a missing virtual host is named", async () => {
    await expect(connect(`guest@127.0.0.1:${server.port}/nowhere`, "client")).rejects.toMatchObject({
      code: "refused-right",
      message: expect.stringContaining('"nowhere"') as string,
    });
  });

  it("the rights of docs/brokers.md are enough, and a missing one is named", async () => {
    await server.addVhost("scans");
    for (const user of ["skyscan-server", "skyscan-client", "nobody"]) await server.addUser(user, "guest");
    await server.setRights("skyscan-server", "scans", {
      configure: "^((to-clients|from-clients|dead|workers|control|lock)-|amq\\.gen)",
      write: "^(control-|amq\\.default$)",
      read: "^(to-clients|from-clients|dead|workers)-",
    });
    await server.setRights("skyscan-client", "scans", {
      configure: "^amq\\.gen",
      write: "^(amq\\.gen|amq\\.default$)",
      read: "^((to-clients|control)-|amq\\.gen)",
    });
    const at = `127.0.0.1:${server.port}/scans`;
    await expect(connect(`nobody@${at}`, "client")).rejects.toMatchObject({ code: "refused-right" });
    await server.setRights("nobody", "scans", { configure: "^amq\\.gen", write: "^amq\\.gen", read: "^amq\\.gen" });
    await expect(connect(`nobody@${at}`, "client")).rejects.toMatchObject({
      code: "refused-right",
      message: expect.stringContaining("amq.default") as string,
    });

    const [owner, client] = [
      await kept(connect(`skyscan-server@${at}`, "server")),
      await kept(connect(`skyscan-client@${at}`, "client")),
    ];
    await owner.declare(
      [
        { name: "to-clients-x", durability: "durable", deliveryLimit: 5, deadLetterTo: "dead-x" },
        { name: "from-clients-x", durability: "durable" },
        { name: "dead-x", durability: "durable" },
        { name: "workers-x", durability: "transient", timeToLiveSec: 90, maxLength: 100 },
      ],
      "control-x",
    );
    const lock = await owner.lock("lock-x");
    await (await owner.broadcaster("control-x")).broadcast(Buffer.from("hello"));
    await owner.consumer("from-clients-x", { prefetch: 10 });
    await owner.consumer("dead-x", { prefetch: 10 });
    await owner.consumer("workers-x", { prefetch: 10 });
    await client.listener("control-x");
    await client.consumer("to-clients-x", { prefetch: 10 });
    await (await client.publisher("from-clients-x")).publish(Buffer.from("reply"));
    (await client.publisher("workers-x")).publishUnconfirmed(Buffer.from("beat"));
    await expect(client.broadcaster("control-x")).rejects.toMatchObject({ code: "refused-right" });
    await expect(client.consumer("from-clients-x", { prefetch: 1 })).rejects.toMatchObject({ code: "refused-right" });
    await expect(client.declare([{ name: "to-clients-y", durability: "durable" }], "control-y")).rejects.toMatchObject({
      code: "refused-right",
    });
    await expect(client.remove(["to-clients-x"], "control-x")).rejects.toMatchObject({ code: "refused-right" });
    await expect(client.lock("lock-x")).rejects.toMatchObject({ code: "refused-right" });
    await lock.release();
    await owner.remove(["to-clients-x", "from-clients-x", "dead-x", "workers-x"], "control-x");
  });

  it("queues that are missing after a restart are made again, and reported as emptied", async () => {
    const owner = await kept(connect(`guest@127.0.0.1:${proxy.port}`, "server"));
    const other = await kept(connect(server.url, "server"));
    const [lost, stays] = [`lost-${randomUUID()}`, `stays-${randomUUID()}`];
    await owner.declare(
      [
        { name: lost, durability: "durable" },
        { name: stays, durability: "durable" },
      ],
      `control-${lost}`,
    );
    const publisher = await owner.publisher(lost);
    // Older than what counts as emptied for its youth, by the driver's clock.
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => now() + youthMs);
    onTestFinished(() => void vi.restoreAllMocks());
    proxy.cut();
    await other.remove([lost], "no-such-control");
    const up = nextUp(owner);
    proxy.mend();
    expect(await up).toMatchObject({ kind: "up", reconnected: true, emptied: [lost] });
    await publisher.publish(Buffer.from("again"));
    await owner.remove([lost, stays], `control-${lost}`);
  });

  it("queues that are too young to be safe from a kill count as emptied", async () => {
    const owner = await kept(connect(`guest@127.0.0.1:${proxy.port}`, "server"));
    const name = `young-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable" }], `control-${name}`);
    const up = nextUp(owner);
    proxy.breakConnections();
    expect(await up).toMatchObject({ emptied: [name] });
    await owner.remove([name], `control-${name}`);
  });

  describe("a broker that is killed before it wrote down where its queue is", () => {
    const work = "work-of-a-moment";
    const replies = "replies-of-a-moment";
    // The last one is what it has not written down yet.
    const specs: QueueSpec[] = [work, replies].map((name) => ({ name, durability: "durable" }));
    const control = "control-of-a-moment";

    async function next(consumer: Consumer): Promise<string> {
      const { value } = (await consumer[Symbol.asyncIterator]().next()) as { value: Delivery };
      value.ack();
      return Buffer.from(value.body).toString();
    }

    it("comes back with one that nobody leads: it is made anew, and who was there goes on", async () => {
      const own = await startRabbitmq();
      onTestFinished(() => own.stop());
      const owner = await connect(own.url, "server");
      await owner.declare(specs, control);
      const client = await connect(own.url, "client");
      const [toClients, fromClients] = [await owner.publisher(work), await owner.consumer(replies, { prefetch: 10 })];
      const [toServer, fromServer] = [await client.publisher(replies), await client.consumer(work, { prefetch: 10 })];
      const emptied = nextUp(owner);
      await own.kill9();
      await own.restart();
      const reply = toServer.publish(Buffer.from("outcome"));
      expect(await emptied).toMatchObject({ emptied: [work, replies] });
      await toClients.publish(Buffer.from("unit"));
      expect(await next(fromServer)).toBe("unit");
      await reply;
      expect(await next(fromClients)).toBe("outcome");
      await client.close();
      await owner.close();
    });

    it("comes back with one that nobody leads: who declares it then makes it anew", async () => {
      const own = await startRabbitmq();
      onTestFinished(() => own.stop());
      const before = await connect(own.url, "server");
      await before.declare(specs, control);
      await own.kill9();
      await before.close();
      await own.restart();
      const owner = await connect(own.url, "server");
      await owner.declare(specs, control);
      expect(await owner.purge(replies)).toBe(0);
      const consumer = await owner.consumer(replies, { prefetch: 10 });
      await (await owner.publisher(replies)).publish(Buffer.from("outcome"));
      expect(await next(consumer)).toBe("outcome");
      await owner.close();
    });
  });

  it("an overdue delivery costs the channel: all that was out on it comes again, and the consumer goes on by itself", async () => {
    await server.ctl(
      "eval",
      "application:set_env(rabbit, consumer_timeout, 1000), application:set_env(rabbit, channel_tick_interval, 500).",
    );
    const [owner, client] = [await kept(connect(server.url, "server")), await kept(connect(server.url, "client"))];
    const name = `work-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable" }], `control-${name}`);
    const states: string[] = [];
    client.onState((state) => states.push(state.kind));
    const publisher = await owner.publisher(name);
    await publisher.publish(Buffer.from("long fit"));
    const deliveries = (await client.consumer(name, { prefetch: 1 }))[Symbol.asyncIterator]();
    const { value: held } = (await deliveries.next()) as { value: Delivery };
    const { value: again } = (await deliveries.next()) as { value: Delivery };
    expect(Buffer.from(again.body).toString()).toBe("long fit");
    expect(again.deliveryCount).toBe(1);
    held.ack();
    again.ack();
    expect(states).toEqual([]);
    await server.ctl(
      "eval",
      "application:set_env(rabbit, consumer_timeout, 1800000), application:set_env(rabbit, channel_tick_interval, 60000).",
    );
    await owner.remove([name], `control-${name}`);
  });

  it("who connects while the broker takes nothing is told so, and is connected when it does", async () => {
    let said: (reason: unknown) => void;
    const told = new Promise((resolve) => (said = resolve));
    const logger: Logger = { ...silentLogger, warn: (fields) => said(fields) };
    await server.ctl("set_vm_memory_high_watermark", "absolute", "1");
    const opening = openBroker(() => Promise.resolve(settings(server.url)), { logger, purpose: "server" });
    try {
      expect(await told).toMatchObject({ reason: expect.stringContaining("memory") as string });
    } finally {
      await server.ctl("set_vm_memory_high_watermark", "0.4");
    }
    const owner = await kept(opening);
    const name = `work-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable" }], `control-${name}`);
    await (await owner.publisher(name)).publish(Buffer.from("1"));
    await owner.remove([name], `control-${name}`);
  });

  it("says when the broker takes nothing, holds publishes back, and goes on after", async () => {
    const owner = await kept(connect(server.url, "server"));
    const name = `work-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable" }], `control-${name}`);
    const publisher = await owner.publisher(name);
    const states: string[] = [];
    const waits = new Map<string, () => void>();
    owner.onState((state) => {
      states.push(state.kind);
      waits.get(state.kind)?.();
    });
    const reached = (kind: string): Promise<void> => new Promise((resolve) => waits.set(kind, resolve));
    const [blocked, up] = [reached("blocked"), reached("up")];
    await server.ctl("set_vm_memory_high_watermark", "absolute", "1");
    // The broker tells only who publishes.
    const first = publisher.publish(Buffer.from("1"));
    await blocked;
    const second = publisher.publish(Buffer.from("2"));
    await server.ctl("set_vm_memory_high_watermark", "0.4");
    await up;
    await Promise.all([first, second]);
    expect(states).toEqual(["blocked", "up"]);
    await owner.remove([name], `control-${name}`);
  });
});
