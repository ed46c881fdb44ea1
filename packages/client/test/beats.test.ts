import type { Publisher } from "@skyscan/broker";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startBeats } from "../src/beats.ts";
import { statusesOf } from "./messages.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("statuses that are asked for in a row become two: one at once, one that says what all of them would have said", () => {
  const sent: string[][] = [];
  const publisher: Pick<Publisher, "publishUnconfirmed"> = {
    publishUnconfirmed: (body) => {
      sent.push(...statusesOf([body]).map(({ holding }) => holding.map(({ unit }) => unit)));
    },
  };
  const identity = {
    scan: "scan",
    worker: "worker",
    host: "host",
    slots: 1,
    reco: { name: "dummy", version: "1", manifestSha256: "0".repeat(64) },
  };
  const holding: { unit: string; elapsedSec: number }[] = [];
  const beats = startBeats(publisher as Publisher, identity, () => ({
    done: 0,
    failed: 0,
    holding: [...holding],
    lookahead: 0,
    draining: false,
  }));
  for (let pixel = 0; pixel < 5; pixel += 1) {
    holding.push({ unit: `1/${pixel}/0`, elapsedSec: 1 });
    beats.beatSoon();
  }
  expect(sent).toEqual([[], ["1/0/0"]]);
  vi.advanceTimersByTime(60);
  expect(sent[2]).toHaveLength(5);
  vi.advanceTimersByTime(1000);
  expect(sent).toHaveLength(3);
  beats.goodbye("done");
  vi.advanceTimersByTime(60_000);
  expect(sent).toHaveLength(4);
});
