import { expect, test } from "vitest";
import { createDeliveryBuffer } from "../src/delivery-buffer.ts";

test("whoever asks before there is anything gets it, in the order of asking", async () => {
  const buffer = createDeliveryBuffer<string>();
  const reader = buffer[Symbol.asyncIterator]();
  const asked = [reader.next(), reader.next(), reader.next()];
  for (const item of ["first", "second"]) expect(buffer.push(item)).toBe(true);
  expect(await Promise.all(asked.slice(0, 2))).toMatchObject([{ value: "first" }, { value: "second" }]);
  buffer.end();
  expect(await asked[2]).toMatchObject({ done: true });
});

test("leaving a loop loses nothing; what is unread can be taken out", async () => {
  const buffer = createDeliveryBuffer<number>();
  for (const item of [1, 2, 3, 4]) buffer.push(item);
  for await (const item of buffer) if (item === 2) break;
  expect(buffer.takeUnread()).toEqual([3, 4]);
  buffer.push(5);
  expect((await buffer[Symbol.asyncIterator]().next()).value).toBe(5);
});

test("all who wait hear of a failure, and nothing is taken any more", async () => {
  const buffer = createDeliveryBuffer<number>();
  const reader = buffer[Symbol.asyncIterator]();
  const asked = [reader.next(), reader.next()];
  buffer.fail(new Error("gone"));
  for (const one of asked) await expect(one).rejects.toThrow("gone");
  expect(buffer.push(1)).toBe(false);
});

test("read without promises: what is there and what comes, until the end", async () => {
  const buffer = createDeliveryBuffer<number>();
  buffer.push(1);
  const read: number[] = [];
  const reading = buffer.forEach((item) => void read.push(item));
  expect(read).toEqual([1]);
  buffer.push(2);
  buffer.push(3);
  expect(buffer.takeUnread()).toEqual([2, 3]);
  buffer.push(4);
  await Promise.resolve();
  expect(read).toEqual([1, 4]);
  buffer.end();
  await reading;
});

test("read without promises: a failure is thrown, and so is what the reader throws", async () => {
  const buffer = createDeliveryBuffer<number>();
  buffer.push(1);
  buffer.push(2);
  const refusing = buffer.forEach(() => {
    throw new Error("not this one");
  });
  await expect(refusing).rejects.toThrow("not this one");
  expect(buffer.takeUnread()).toEqual([2]);
  const reading = buffer.forEach(() => undefined);
  buffer.fail(new Error("gone"));
  await expect(reading).rejects.toThrow("gone");
});
