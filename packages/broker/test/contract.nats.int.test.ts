// Starts a real NATS server (Debian's), with a network in front of it that can be broken.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pause } from "@skyscan/runtime";
import { freePort, natsMissing, startNats, startTcpProxy } from "@skyscan/testing";
import type { Nats, TcpProxy } from "@skyscan/testing";
import { brokerContract } from "./contract.ts";
import { bytes, reader, text } from "./contract-stage.ts";
import type { Harness } from "./contract-stage.ts";
import { ackWaitSec, natsHandles, nextState } from "./nats-handles.ts";

const auth = "s3cret";

describe.skipIf(natsMissing !== undefined)("NATS", () => {
  let server: Nats;
  let proxy: TcpProxy;
  let nobody: string;
  const open = natsHandles();
  const direct = (): string => `scan@127.0.0.1:${server.port}`;
  const overNetwork = (): string => `scan@127.0.0.1:${proxy.port}`;

  beforeAll(async () => {
    server = await startNats({ config: [`authorization { user: scan, password: "${auth}" }`] });
    proxy = await startTcpProxy({ port: server.port });
    nobody = `127.0.0.1:${await freePort()}`;
  });
  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  brokerContract("nats", (): Harness => ({
    owner: ({ address = direct(), ...choices } = {}) => open(address, { purpose: "server", auth, ...choices }),
    client: ({ address = overNetwork(), ...choices } = {}) => open(address, { auth, ...choices }),
    network: proxy,
    server,
    nobody,
  }));

  it("queues that are missing after a restart are made again, and reported as emptied", async () => {
    const owner = await open(direct(), { purpose: "server", auth });
    const [lost, control] = [`lost-${randomUUID()}`, `control-${randomUUID()}`];
    await owner.declare([{ name: lost, durability: "durable" }], control);
    const publisher = await owner.publisher(lost);
    await publisher.publish(bytes("before"));
    const up = nextState(owner, "up");
    await server.kill9();
    await server.wipe();
    await server.restart();
    expect(await up).toMatchObject({ kind: "up", reconnected: true, emptied: [lost] });
    await publisher.publish(bytes("again"));
    expect(await owner.depth(lost)).toBe(1);
    await owner.remove([lost], control);
  });

  it("what was published before a connection broke is there once, although nobody knows what the broker had of it", async () => {
    const [owner, client] = [await open(direct(), { purpose: "server", auth }), await open(overNetwork(), { auth })];
    const name = `work-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable" }], `control-${name}`);
    const publisher = await client.publisher(name);
    proxy.delay(50);
    const confirmed = Promise.all(Array.from({ length: 200 }, (_, index) => publisher.publish(bytes(String(index)))));
    await expect.poll(() => owner.depth(name)).toBeGreaterThan(0);
    proxy.breakConnections();
    proxy.mend();
    await confirmed;
    expect(await owner.depth(name)).toBe(200);
    await owner.remove([name], `control-${name}`);
  });

  it("what is held for longer than the ack wait is not given to anybody else", async () => {
    const [owner, client, other] = [
      await open(direct(), { purpose: "server", auth }),
      await open(overNetwork(), { auth }),
      await open(direct(), { auth }),
    ];
    expect(client.maxHoldSec).toBeNull();
    const name = `work-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable" }], `control-${name}`);
    await (await owner.publisher(name)).publish(bytes("long fit"));
    const held = await reader(await client.consumer(name, { prefetch: 1 })).next();
    const others = reader(await other.consumer(name, { prefetch: 1 }));
    await pause(2500 * ackWaitSec);
    expect(await others.quiet()).toBe(true);
    held.ack();
    await pause(1500 * ackWaitSec);
    expect(await others.quiet()).toBe(true);
    await owner.remove([name], `control-${name}`);
  });

  it("what a broken connection held is given back when it comes back, long before the ack wait is over", async () => {
    const owner = await open(direct(), { purpose: "server", auth, own: { SKYSCAN_NATS_ACK_WAIT_SEC: 3600 } });
    const client = await open(overNetwork(), { auth });
    const name = `work-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable" }], `control-${name}`);
    await (await owner.publisher(name)).publish(bytes("unit"));
    const deliveries = reader(await client.consumer(name, { prefetch: 1 }));
    await deliveries.next();
    proxy.breakConnections();
    const again = await deliveries.next();
    expect(again.deliveryCount).toBe(1);
    again.ack();
    await owner.remove([name], `control-${name}`);
  });

  it("what a silent client held goes to another one, and what it says of that later ends nothing of the other's", async () => {
    const [owner, silent, other] = [
      await open(direct(), { purpose: "server", auth }),
      // So seldom that the silence goes unnoticed at this end.
      await open(overNetwork(), { auth, own: { SKYSCAN_NATS_PING_SEC: 60 } }),
      await open(direct(), { auth }),
    ];
    const name = `work-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable" }], `control-${name}`);
    await (await owner.publisher(name)).publish(bytes("unit"));
    const stopping = await silent.consumer(name, { prefetch: 1 });
    const overdue = await reader(stopping).next();
    // Else it would be the next in turn, too.
    await stopping.stop();
    const others = reader(await other.consumer(name, { prefetch: 1 }));
    proxy.freeze();
    const held = await others.next();
    expect(held.deliveryCount).toBe(1);
    overdue.ack();
    proxy.mend();
    await silent.exists(name);
    held.requeue();
    const again = await others.next();
    expect(again.deliveryCount).toBe(2);
    again.ack();
    await owner.remove([name], `control-${name}`);
  });

  it("a listener that comes late hears what was said last, once", async () => {
    const [owner, client] = [await open(direct(), { purpose: "server", auth }), await open(overNetwork(), { auth })];
    const control = `control-${randomUUID()}`;
    await owner.declare([], control);
    const broadcaster = await owner.broadcaster(control);
    for (const body of ["cancel", "end"]) await broadcaster.broadcast(bytes(body));
    const listener = (await client.listener(control))[Symbol.asyncIterator]();
    const heard = async (): Promise<string> => text(((await listener.next()) as { value: Uint8Array }).value);
    expect(await heard()).toBe("end");
    const up = nextState(client, "up");
    proxy.breakConnections();
    await up;
    await broadcaster.broadcast(bytes("after"));
    expect(await heard()).toBe("after");
    await owner.remove([], control);
  });

  it("a listener that comes late hears nothing of what an owner of before said", async () => {
    const control = `control-${randomUUID()}`;
    const before = await open(direct(), { purpose: "server", auth });
    await before.declare([], control);
    await (await before.broadcaster(control)).broadcast(bytes("end"));
    const owner = await open(direct(), { purpose: "server", auth });
    await owner.declare([], control);
    const listener = await (await open(overNetwork(), { auth })).listener(control);
    await (await owner.broadcaster(control)).broadcast(bytes("cancel"));
    expect(text(((await listener[Symbol.asyncIterator]().next()) as { value: Uint8Array }).value)).toBe("cancel");
    await owner.remove([], control);
  });

  it("a connection on which nothing comes is given up, and made again when something does", async () => {
    const client = await open(overNetwork(), { auth });
    const down = nextState(client, "down");
    proxy.freeze();
    expect(await down).toMatchObject({ reason: expect.stringContaining("pings") as string });
    const up = nextState(client, "up");
    proxy.mend();
    expect(await up).toMatchObject({ reconnected: true });
    expect(await client.exists("nothing")).toBe(false);
  });

  it("names with dots, stars and other marks are names like any other", async () => {
    const owner = await open(direct(), { purpose: "server", auth });
    const names = [`a.b-${randomUUID()}`, `a%2Eb=*>é-${randomUUID()}`, `..-${randomUUID()}`];
    const control = `con.trol-${randomUUID()}`;
    await owner.declare(
      names.map((name) => ({ name, durability: "durable" })),
      control,
    );
    for (const name of names) await (await owner.publisher(name)).publish(bytes(name));
    for (const name of names) expect(text((await reader(await owner.consumer(name, { prefetch: 1 })).next()).body)).toBe(name);
    expect((await server.inventory()).names).toEqual(expect.arrayContaining([...names, control]));
    await owner.remove(names, control);
  });
});
