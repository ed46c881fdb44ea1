import { publishingWith } from "@skyscan/broker";
import { decodeReply } from "@skyscan/protocol";
import type { Outcome } from "@skyscan/protocol";
import { deferred, silentLogger } from "@skyscan/runtime";
import type { Deferred } from "@skyscan/runtime";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createReplies } from "../src/replies.ts";
import type { Replies } from "../src/replies.ts";

const declined = (pixel: number): Outcome => ({ kind: "declined", unit: `1/${pixel}/0`, attempt: 1, runtimeSec: 0 });

let published: { readonly units: readonly string[]; readonly confirm: Deferred<void> }[];

function repliesOf({ maxOutcomes = 1000, queued = (): number => 0 } = {}): Replies {
  return createReplies({
    publisher: {
      ...publishingWith((body) => {
        const confirm = deferred();
        published.push({ units: decodeReply(body).outcomes.map(({ unit }) => unit), confirm });
        return confirm.promise;
      }),
      publishUnconfirmed: () => undefined,
      drain: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    envelope: () => ({ scan: "s", run: 1, worker: "w", host: "h" }),
    queued,
    maxOutcomes,
    logger: silentLogger,
  });
}
const counts = (): number[] => published.map(({ units }) => units.length);

beforeEach(() => {
  vi.useFakeTimers();
  published = [];
});
afterEach(() => {
  vi.useRealTimers();
});

test("an outcome that comes alone goes at once, with those of the same turn", async () => {
  const replies = repliesOf();
  replies.send(declined(0), () => undefined);
  replies.send(declined(1), () => undefined);
  await vi.advanceTimersByTimeAsync(0);
  expect(published.map(({ units }) => units)).toEqual([["1/0/0", "1/1/0"]]);
});

test("while a message is unconfirmed the next outcomes gather for 3 ms, and go at its confirm if that is sooner", async () => {
  const replies = repliesOf();
  replies.send(declined(0), () => undefined);
  await vi.advanceTimersByTimeAsync(0);
  replies.send(declined(1), () => undefined);
  await vi.advanceTimersByTimeAsync(2);
  replies.send(declined(2), () => undefined);
  expect(counts()).toEqual([1]);
  await vi.advanceTimersByTimeAsync(1);
  expect(counts()).toEqual([1, 2]);
  replies.send(declined(3), () => undefined);
  published[0]!.confirm.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(counts()).toEqual([1, 2]);
  published[1]!.confirm.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(counts()).toEqual([1, 2, 1]);
});

test("an outcome is answered for when its own message is confirmed, not before", async () => {
  const replies = repliesOf();
  const done: number[] = [];
  replies.send(declined(0), () => done.push(0));
  await vi.advanceTimersByTimeAsync(0);
  replies.send(declined(1), () => done.push(1));
  await vi.advanceTimersByTimeAsync(3);
  published[1]!.confirm.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(done).toEqual([1]);
  published[0]!.confirm.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(done).toEqual([1, 0]);
});

test("a message takes no more outcomes than is asked for", async () => {
  const replies = repliesOf({ maxOutcomes: 2 });
  for (let pixel = 0; pixel < 5; pixel += 1) replies.send(declined(pixel), () => undefined);
  await vi.advanceTimersByTimeAsync(3);
  expect(counts()).toEqual([2, 2, 1]);
});

test("with many units yet to be fitted here outcomes gather for 50 ms, until few are left", async () => {
  let queued = 100;
  const replies = repliesOf({ queued: () => queued });
  replies.send(declined(0), () => undefined);
  await vi.advanceTimersByTimeAsync(49);
  replies.send(declined(1), () => undefined);
  expect(counts()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(counts()).toEqual([2]);
  replies.send(declined(2), () => undefined);
  queued = 7;
  published[0]!.confirm.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(counts()).toEqual([2]);
  replies.send(declined(3), () => undefined);
  await vi.advanceTimersByTimeAsync(0);
  expect(counts()).toEqual([2, 2]);
});
