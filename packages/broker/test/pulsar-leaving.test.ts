import { afterEach, expect, test, vi } from "vitest";
import { leavingInOrder } from "../src/drivers/pulsar/leaving.ts";
import type { Leaving } from "../src/drivers/pulsar/leaving.ts";

interface Stage extends Leaving {
  /** What was done at the broker, in order. */
  readonly done: string[];
}

/** `counts`: what the broker says one time after the other of how much is out; the last stands. An error: it cannot be asked. */
function stage(counts: (number | undefined | Error)[], lost: Promise<unknown> = new Promise(() => undefined)): Stage {
  const done: string[] = [];
  const leaving = leavingInOrder({
    consumer: {
      name: "somebody",
      permit: () => undefined,
      permitAgain: () => undefined,
      ack: (id) => void done.push(`ack ${id}`),
      giveBack: (id) => void done.push(`give back ${id}`),
      close: () => Promise.resolve(void done.push("close")),
    },
    unacked() {
      const said = counts.length > 1 ? counts.shift() : counts[0];
      done.push(said instanceof Error ? "refused" : `asked: ${said}`);
      return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
    },
    lost,
  });
  return { ...leaving, done };
}

afterEach(() => vi.useRealTimers());

test("who gave something back goes when the broker no longer counts it as out", async () => {
  const { consumer, came, done } = stage([2, 2, 1]);
  came();
  came();
  consumer.giveBack("one");
  await consumer.close();
  expect(done).toEqual(["give back one", "asked: 2", "asked: 2", "asked: 1", "close"]);
});

test("who acked something goes when the broker no longer counts it as out", async () => {
  const { consumer, came, done } = stage([2, 1]);
  came();
  came();
  consumer.ack("one");
  await consumer.close();
  expect(done).toEqual(["ack one", "asked: 2", "asked: 1", "close"]);
});

test("who said nothing goes at once, whatever is out", async () => {
  const { consumer, came, done } = stage([2]);
  came();
  await consumer.close();
  expect(done).toEqual(["close"]);
});

test("an ack that does not arrive holds it up for half a second", async () => {
  vi.useFakeTimers();
  const { consumer, came, done } = stage([1]);
  came();
  consumer.ack("one");
  const closing = consumer.close();
  await vi.advanceTimersByTimeAsync(450);
  expect(done).not.toContain("close");
  await vi.advanceTimersByTimeAsync(150);
  await closing;
  expect(done.at(-1)).toBe("close");
});

test.each([
  ["the broker does not know it any more", undefined, "asked: undefined"],
  ["the broker may not be asked", new Error("403"), "refused"],
])("it goes when %s", async (_, said, noted) => {
  const { consumer, came, done } = stage([said]);
  came();
  consumer.giveBack("one");
  await consumer.close();
  expect(done).toEqual(["give back one", noted, "close"]);
});

test("it goes when the connection is lost", async () => {
  const { consumer, came, done } = stage([1], Promise.resolve());
  came();
  consumer.giveBack("one");
  await consumer.close();
  expect(done.at(-1)).toBe("close");
});
