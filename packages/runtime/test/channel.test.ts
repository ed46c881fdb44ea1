import { describe, expect, test } from "vitest";
import { createChannel } from "../src/index.ts";

async function all<T>(channel: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of channel) items.push(item);
  return items;
}

describe("a channel", () => {
  test("hands over in order, what came before the reader and after", async () => {
    const channel = createChannel<number>();
    channel.push(1);
    channel.push(2);
    const read = all(channel);
    await Promise.resolve();
    channel.push(3);
    await Promise.resolve();
    channel.push(4);
    channel.end();
    expect(await read).toEqual([1, 2, 3, 4]);
  });

  test("counts what waits", async () => {
    const channel = createChannel<number>();
    for (const item of [1, 2, 3]) channel.push(item);
    expect(channel.size).toBe(3);
    await channel[Symbol.asyncIterator]().next();
    expect(channel.size).toBe(2);
  });

  test("that failed gives what was there, then throws", async () => {
    const channel = createChannel<number>();
    channel.push(1);
    channel.fail(new Error("gone"));
    channel.push(2);
    const read: number[] = [];
    await expect(
      (async () => {
        for await (const item of channel) read.push(item);
      })(),
    ).rejects.toThrow("gone");
    expect(read).toEqual([1]);
  });

  test("that ended takes nothing more, and a failure behind the end is none", async () => {
    const channel = createChannel<number>();
    channel.end();
    channel.push(1);
    channel.fail(new Error("late"));
    expect(await all(channel)).toEqual([]);
  });

  test("whose reader left takes nothing more", async () => {
    const channel = createChannel<number>();
    for (const item of [1, 2, 3]) channel.push(item);
    for await (const _ of channel) break;
    channel.push(4);
    expect(channel.size).toBe(0);
  });

  test("wakes a waiting reader at its end", async () => {
    const channel = createChannel<number>();
    const read = all(channel);
    await Promise.resolve();
    channel.end();
    expect(await read).toEqual([]);
  });
});
