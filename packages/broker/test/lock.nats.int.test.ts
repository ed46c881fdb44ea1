// Starts a real NATS server (Debian's), with a network in front of one of the holders.
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { natsMissing, startNats, startTcpProxy } from "@skyscan/testing";
import type { Nats, TcpProxy } from "@skyscan/testing";
import { natsHandles, nextState } from "./nats-handles.ts";

describe.skipIf(natsMissing !== undefined)("a lock at NATS", () => {
  let server: Nats;
  let proxy: TcpProxy;
  // Broker and network go after the handles.
  afterEach(async () => {
    await proxy.close();
    await server.stop();
  });
  const open = natsHandles();
  beforeEach(async () => {
    server = await startNats();
    proxy = await startTcpProxy({ port: server.port });
  });
  const overNetwork = (): string => `127.0.0.1:${proxy.port}`;

  it("is free at once when its holder's connection is gone; the holder that comes back learns that it is not its any more", async () => {
    const [holder, other] = [await open(overNetwork()), await open(server.address)];
    const name = `lock-${randomUUID()}`;
    await holder.lock(name);
    const down = nextState(holder, "down");
    proxy.cut();
    await down;
    const startMs = performance.now();
    const lock = await other.lock(name);
    expect(performance.now() - startMs).toBeLessThan(2000);
    const failed = nextState(holder, "failed");
    proxy.mend();
    expect(await failed).toMatchObject({ error: { code: "locked" } });
    await lock.release();
  });

  it("stays with its holder when the connection breaks and comes back", async () => {
    const [holder, other] = [await open(overNetwork()), await open(server.address)];
    const name = `lock-${randomUUID()}`;
    const lock = await holder.lock(name);
    const up = nextState(holder, "up");
    proxy.breakConnections();
    await up;
    await expect(other.lock(name)).rejects.toMatchObject({ code: "locked" });
    await lock.release();
    await (await other.lock(name)).release();
  });

  it("stays with its holder over kill -9 of the broker, although another one asks for it first", async () => {
    const holder = await open(overNetwork());
    const name = `lock-${randomUUID()}`;
    const lock = await holder.lock(name);
    proxy.cut();
    await server.kill9();
    await server.restart();
    const other = await open(server.address);
    const stealing = other.lock(name);
    stealing.catch(() => undefined);
    const up = nextState(holder, "up");
    proxy.mend();
    await up;
    await expect(stealing).rejects.toMatchObject({ code: "locked" });
    await lock.release();
    await (await other.lock(name)).release();
  });

  it("is there for somebody else when broker and holder were killed together", async () => {
    const holder = await open(overNetwork(), { lostSec: 1 });
    const name = `lock-${randomUUID()}`;
    await holder.lock(name);
    const failed = nextState(holder, "failed");
    proxy.cut();
    await server.kill9();
    await server.restart();
    const other = await open(server.address);
    await (await other.lock(name)).release();
    expect(await failed).toMatchObject({ error: { code: "lost" } });
  }, 30_000);

  it("has one holder, however many ask for it at the same moment, also of a broker that comes back empty", async () => {
    const handles = await Promise.all(Array.from({ length: 8 }, () => open(server.address)));
    const name = `lock-${randomUUID()}`;
    const asked = await Promise.allSettled(handles.map((handle) => handle.lock(name)));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const holder = handles[asked.findIndex(({ status }) => status === "fulfilled")]!;
    const failed = nextState(holder, "failed");
    const ups = handles.map((handle) => nextState(handle, "up"));
    await server.kill9();
    await server.wipe();
    await server.restart();
    await Promise.all(ups);
    const others = await Promise.allSettled(handles.filter((handle) => handle !== holder).map((handle) => handle.lock(name)));
    const taken = others.filter(({ status }) => status === "fulfilled").length;
    // Nothing tells of the holder of before: another one may be faster, and it learns of that.
    expect(taken).toBeLessThan(2);
    if (taken === 1) expect(await failed).toMatchObject({ error: { code: "locked" } });
  }, 30_000);
});
