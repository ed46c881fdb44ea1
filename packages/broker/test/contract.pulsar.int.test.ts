// Starts a real Pulsar 4.0.7 standalone, with a network in front of its WebSocket API that can be broken.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, freePort, pulsarMissing, startPulsar, startTcpProxy } from "@skyscan/testing";
import type { Pulsar, TcpProxy } from "@skyscan/testing";
import { brokerContract } from "./contract.ts";
import { bytes, reader, text } from "./contract-stage.ts";
import type { Harness } from "./contract-stage.ts";
import { batchesKept } from "./pulsar-batches.ts";
import { nextState, pulsarHandles } from "./pulsar-handles.ts";
import { unloadsSurvived } from "./pulsar-unloads.ts";

describe.skipIf(pulsarMissing !== undefined)("Pulsar", () => {
  let server: Pulsar;
  let proxy: TcpProxy;
  let nobody: string;
  const open = pulsarHandles();
  const direct = (): string => `ws://127.0.0.1:${server.port}`;
  const overNetwork = (): string => `ws://127.0.0.1:${proxy.port}`;

  beforeAll(async () => {
    server = await startPulsar();
    proxy = await startTcpProxy({ port: server.port });
    nobody = `ws://127.0.0.1:${await freePort()}`;
  });
  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  brokerContract(
    "pulsar",
    (): Harness => ({
      owner: ({ address = direct(), ...choices } = {}) => open(address, { purpose: "server", ...choices }),
      client: ({ address = overNetwork(), ...choices } = {}) => open(address, choices),
      network: proxy,
      server,
      nobody,
    }),
    ["credentials", "loss-counts"],
  );
  unloadsSurvived(() => server, open);
  batchesKept(() => server, open);

  it("what is held for longer than was said goes to another one, which counts as a return", async () => {
    const own = { PULSAR_UNACKED_MESSAGES_TIMEOUT_SEC: 2 };
    const [owner, client, other] = [
      await open(direct(), { purpose: "server" }),
      await open(overNetwork(), { own }),
      await open(direct(), { own }),
    ];
    expect(client.maxHoldSec).toBe(2);
    const name = `work-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable", deliveryLimit: 5, deadLetterTo: name }], `control-${name}`);
    await (await owner.publisher(name)).publish(bytes("forgotten"));
    await reader(await client.consumer(name, { prefetch: 1 })).next();
    const startMs = performance.now();
    const again = await reader(await other.consumer(name, { prefetch: 1 })).next();
    expect(performance.now() - startMs).toBeGreaterThan(1000);
    expect(again.deliveryCount).toBe(1);
    again.ack();
    await owner.remove([name], `control-${name}`);
  });

  it("a queue that is removed while somebody uses it is gone for good when he closes", async () => {
    const [owner, client] = [await open(direct(), { purpose: "server" }), await open(overNetwork())];
    const name = `work-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable", deliveryLimit: 5, deadLetterTo: name }], `control-${name}`);
    const consumer = await client.consumer(name, { prefetch: 1 });
    await owner.remove([name], `control-${name}`);
    await owner.close();
    const isThere = async (): Promise<boolean> => (await server.inventory()).names.includes(name);
    // By the WebSocket service, which goes on using it.
    await eventually("it is made anew", async () => ((await isThere()) ? true : undefined));
    await consumer.close();
    await eventually("it is gone", async () => ((await isThere()) ? undefined : true));
  });

  it("a listener that comes late hears what was said, once, also over a reconnect", async () => {
    const [owner, client] = [await open(direct(), { purpose: "server" }), await open(overNetwork())];
    const control = `control-${randomUUID()}`;
    await owner.declare([], control);
    const broadcaster = await owner.broadcaster(control);
    for (const body of ["cancel", "end"]) await broadcaster.broadcast(bytes(body));
    const listener = (await client.listener(control))[Symbol.asyncIterator]();
    const heard = async (): Promise<string> => text(((await listener.next()) as { value: Uint8Array }).value);
    expect([await heard(), await heard()]).toEqual(["cancel", "end"]);
    const up = nextState(client, "up");
    proxy.breakConnections();
    await up;
    await broadcaster.broadcast(bytes("after"));
    expect(await heard()).toBe("after");
    await owner.remove([], control);
  });

  it("a listener that comes late hears nothing of what an owner of before said; one that was there goes on", async () => {
    const control = `control-${randomUUID()}`;
    const before = await open(direct(), { purpose: "server" });
    await before.declare([], control);
    const early = (await (await open(overNetwork())).listener(control))[Symbol.asyncIterator]();
    await (await before.broadcaster(control)).broadcast(bytes("end"));
    const owner = await open(direct(), { purpose: "server" });
    await owner.declare([], control);
    const late = (await (await open(overNetwork())).listener(control))[Symbol.asyncIterator]();
    await (await owner.broadcaster(control)).broadcast(bytes("cancel"));
    const said = async (listener: AsyncIterator<Uint8Array>): Promise<string> =>
      text((await listener.next()).value as Uint8Array);
    expect(await said(late)).toBe("cancel");
    expect([await said(early), await said(early)]).toEqual(["end", "cancel"]);
    await owner.remove([], control);
  });

  it("a connection on which nothing comes is given up, and made again when something does", async () => {
    const owner = await open(direct(), { purpose: "server" });
    const client = await open(overNetwork());
    const control = `control-${randomUUID()}`;
    await owner.declare([], control);
    await client.listener(control);
    const down = nextState(client, "down");
    proxy.freeze();
    expect(await down).toMatchObject({ reason: expect.stringContaining("pings") as string });
    const up = nextState(client, "up");
    proxy.mend();
    expect(await up).toMatchObject({ reconnected: true });
    expect(await client.exists("nothing")).toBe(false);
    await owner.remove([], control);
  });

  it("queues that are missing after a restart are made again, and reported as emptied", async () => {
    const owner = await open(direct(), { purpose: "server" });
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
});
