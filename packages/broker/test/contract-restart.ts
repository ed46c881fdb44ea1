import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { BrokerState } from "@skyscan/broker";
import { bytes, reader, text } from "./contract-stage.ts";
import type { ContractStage } from "./contract-stage.ts";

/** What holds although the broker itself is killed. */
export function restartsKept({ harness, where, owner, client, own }: ContractStage): void {
  const it = where("restart");

  it("what was confirmed survives kill -9 of the broker, what was in flight resolves, both sides go on, the lock is still held", async () => {
    const broker = harness().server!;
    const [server, worker] = [await owner(), await client()];
    const name = `work-${randomUUID()}`;
    await server.declare([{ name, durability: "durable" }], `control-${name}`);
    own(server, [name], `control-${name}`);
    const lock = await server.lock(`lock-${name}`);
    const publisher = await server.publisher(name);
    const publish = (count: number): Promise<void>[] =>
      Array.from({ length: count }, (_, index) => publisher.publish(bytes(`${count}-${index}`)));
    await Promise.all(publish(500));
    await broker.settled?.();
    const deliveries = reader(await worker.consumer(name, { prefetch: 10 }));
    const seen = new Set<string>();
    const take = async (): Promise<void> => {
      const delivery = await deliveries.next();
      seen.add(text(delivery.body));
      delivery.ack();
    };
    for (let count = 0; count < 100; count += 1) await take();
    const states: BrokerState["kind"][] = [];
    const emptied: string[] = [];
    server.onState((state) => {
      states.push(state.kind);
      if (state.kind === "up") emptied.push(...state.emptied);
    });
    const inFlight = publish(300);
    await broker.kill9();
    const down = publish(200);
    await broker.restart();
    await Promise.all([...inFlight, ...down]);
    while (seen.size < 1000) await take();
    expect(states).toEqual(["down", "up"]);
    expect(emptied).toEqual([]);
    await expect(worker.lock(`lock-${name}`)).rejects.toMatchObject({ code: "locked" });
    await lock.release();
  });
}
