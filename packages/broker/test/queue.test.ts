import { describe, expect, it } from "vitest";
import type { QueueSpec } from "../src/broker.ts";
import { createMemoryQueue } from "../src/drivers/embedded/queue.ts";
import type { Handed, MemoryQueue } from "../src/drivers/embedded/queue.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = ({ body }: { body: Uint8Array }): string => Buffer.from(body).toString();

interface Setup {
  readonly queue: MemoryQueue;
  readonly dead: string[];
  readonly pass: (ms: number) => void;
  readonly consumer: (prefetch: number) => {
    readonly got: Handed[];
    readonly gone: () => boolean;
    stop: () => void;
    close: () => void;
  };
}

function setup(spec: Partial<QueueSpec> = {}): Setup {
  let nowMs = 0;
  const dead: string[] = [];
  const queue = createMemoryQueue({
    spec: { name: "q", durability: "durable", ...spec },
    nowMs: () => nowMs,
    deadLetter: (body, settled) => {
      dead.push(Buffer.from(body).toString());
      settled?.();
    },
  });
  return {
    queue,
    dead,
    pass: (ms) => void (nowMs += ms),
    consumer: (prefetch) => {
      const got: Handed[] = [];
      let gone = false;
      const subscription = queue.subscribe({
        prefetch,
        deliver: (handed) => void got.push(handed),
        gone: () => void (gone = true),
      });
      return { got, gone: () => gone, stop: () => subscription.stop(), close: () => subscription.close() };
    },
  };
}

describe("an embedded queue", () => {
  it("serves its consumers in turn, each up to its prefetch", () => {
    const { queue, consumer } = setup();
    const [one, two] = [consumer(2), consumer(1)];
    for (const body of ["1", "2", "3", "4"]) queue.publish(bytes(body));
    expect(one.got.map(text)).toEqual(["1", "3"]);
    expect(two.got.map(text)).toEqual(["2"]);
    expect(queue.depth).toBe(1);
    two.got[0]?.ack();
    expect(two.got.map(text)).toEqual(["2", "4"]);
  });

  it("settles a message when it is acked, once", () => {
    const { queue, consumer } = setup();
    let settled = 0;
    queue.publish(bytes("m"), () => void (settled += 1));
    const { got } = consumer(1);
    expect(settled).toBe(0);
    got[0]?.ack();
    got[0]?.ack();
    got[0]?.requeue();
    expect(settled).toBe(1);
    expect(got).toHaveLength(1);
  });

  it("gives what comes back to somebody else, in front, and counts it", () => {
    const { queue, consumer } = setup();
    const one = consumer(1);
    queue.publish(bytes("first"));
    queue.publish(bytes("second"));
    one.got[0]?.requeue();
    // Nobody else is there.
    expect(one.got.map(text)).toEqual(["first", "first"]);
    expect(one.got[1]?.deliveryCount).toBe(1);
    const two = consumer(1);
    expect(two.got.map(text)).toEqual(["second"]);
    two.got[0]?.ack();
    one.got[1]?.requeue();
    expect(two.got.map(text)).toEqual(["second", "first"]);
    expect(two.got[1]?.deliveryCount).toBe(2);
  });

  it("puts what a lost consumer held back in its old order, before what is newer", () => {
    const { queue, consumer } = setup();
    const lost = consumer(3);
    for (const body of ["1", "2", "3", "4"]) queue.publish(bytes(body));
    lost.close();
    lost.got[0]?.ack();
    const next = consumer(10);
    expect(next.got.map(text)).toEqual(["1", "2", "3", "4"]);
    expect(next.got.map((handed) => handed.deliveryCount)).toEqual([1, 1, 1, 0]);
  });

  it("hands a stopped consumer nothing, and takes its acks", () => {
    const { queue, consumer } = setup();
    const stopping = consumer(5);
    let settled = false;
    queue.publish(bytes("1"), () => void (settled = true));
    stopping.stop();
    queue.publish(bytes("2"));
    expect(stopping.got.map(text)).toEqual(["1"]);
    stopping.got[0]?.ack();
    expect(settled).toBe(true);
    expect(queue.depth).toBe(1);
  });

  it("gives up on what came back more often than its limit", () => {
    const { queue, dead, consumer } = setup({ deliveryLimit: 1 });
    let settled = false;
    queue.publish(bytes("poison"), () => void (settled = true));
    const { got } = consumer(1);
    got[0]?.requeue();
    expect(dead).toEqual([]);
    got[1]?.requeue();
    expect(dead).toEqual(["poison"]);
    expect(settled).toBe(true);
    expect(got).toHaveLength(2);
  });

  it("drops what is too old and what is too much, the oldest first", () => {
    const { queue, pass, consumer } = setup({ durability: "transient", timeToLiveSec: 90, maxLength: 3 });
    for (const body of ["1", "2", "3", "4"]) queue.publish(bytes(body));
    expect(queue.depth).toBe(3);
    pass(60_000);
    queue.publish(bytes("5"));
    pass(30_000);
    expect(queue.depth).toBe(1);
    expect(consumer(5).got.map(text)).toEqual(["5"]);
  });

  it("purges what waits, not what is out", () => {
    const { queue, consumer } = setup();
    const { got } = consumer(1);
    for (const body of ["out", "a", "b"]) queue.publish(bytes(body));
    expect(queue.purge()).toBe(2);
    got[0]?.requeue();
    expect(got.map(text)).toEqual(["out", "out"]);
  });

  it("tells everybody when it is removed, and hands out nothing more", () => {
    const { queue, consumer } = setup();
    const one = consumer(1);
    let told = false;
    queue.onRemoved(() => void (told = true));
    queue.publish(bytes("1"));
    queue.remove();
    one.got[0]?.requeue();
    expect(one.gone()).toBe(true);
    expect(told).toBe(true);
    expect(one.got).toHaveLength(1);
  });

  it("costs the same per message however many there were", () => {
    const { queue, consumer } = setup();
    const { got } = consumer(1);
    for (let index = 0; index < 50_000; index += 1) queue.publish(bytes(String(index)));
    for (let index = 0; index < 50_000; index += 1) got[index]?.ack();
    expect(got).toHaveLength(50_000);
    expect(got.every((handed, index) => text(handed) === String(index))).toBe(true);
  });
});
