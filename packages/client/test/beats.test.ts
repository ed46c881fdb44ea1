import type { Publisher } from "@skyscan/broker";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startBeats } from "../src/beats.ts";
import { statusesOf } from "./messages.ts";

const identity = {
  scan: "scan",
  worker: "worker",
  host: "host",
  reco: { name: "dummy", version: "1", manifestSha256: "0".repeat(64) },
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("tellings that are asked for in a row become one that says what all of them would have said, and are told when the broker has it", async () => {
  const sent: string[][] = [];
  const take = (body: Uint8Array): void =>
    void sent.push(...statusesOf([body]).map(({ holding }) => holding.map(({ unit }) => unit)));
  let confirm: () => void = () => undefined;
  const publisher: Pick<Publisher, "publish" | "publishUnconfirmed"> = {
    publishUnconfirmed: take,
    publish(body) {
      take(body);
      return new Promise((resolve) => (confirm = resolve));
    },
  };
  const holding: { unit: string; elapsedSec: number }[] = [];
  const beats = startBeats(publisher as Publisher, identity, () => ({
    slots: 1,
    done: 0,
    failed: 0,
    holding: [...holding],
    lookahead: 0,
    draining: false,
  }));
  let told = 0;
  const tell = (pixel: number): Promise<void> => {
    holding.push({ unit: `1/${pixel}/0`, elapsedSec: 1 });
    return beats.tell().then(() => void (told += 1));
  };
  const first = [0, 1, 2, 3, 4].map(tell);
  await vi.advanceTimersByTimeAsync(0);
  expect(sent.map(({ length }) => length)).toEqual([0, 5]);
  const later = [5, 6].map(tell);
  await vi.advanceTimersByTimeAsync(5);
  expect([sent.length, told]).toEqual([2, 0]);
  confirm();
  await Promise.all(first);
  expect(told).toBe(5);
  await vi.advanceTimersByTimeAsync(5);
  expect(sent.map(({ length }) => length)).toEqual([0, 5, 7]);
  expect(told).toBe(5);
  await Promise.all([...later, vi.advanceTimersByTimeAsync(1000)]);
  expect(told).toBe(7);
  beats.goodbye("done");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent).toHaveLength(4);
});

test("what begins is mentioned within a moment, when much begins five times in five seconds", async () => {
  const sent: { atMs: number; units: number }[] = [];
  const publishUnconfirmed = (body: Uint8Array): void =>
    void sent.push(...statusesOf([body]).map(({ holding }) => ({ atMs: performance.now() - startMs, units: holding.length })));
  const startMs = performance.now();
  const holding: { unit: string; elapsedSec: number }[] = [];
  const now = { slots: 1, done: 0, failed: 0, holding, lookahead: 0, draining: false };
  const beats = startBeats({ publishUnconfirmed } as unknown as Publisher, identity, () => now);
  for (let begun = 0; begun < 80; begun += 1) {
    holding.push({ unit: `8/${begun}/0`, elapsedSec: 1 });
    beats.mention();
    await vi.advanceTimersByTimeAsync(100);
  }
  const mentions = sent.slice(1);
  expect(mentions.map(({ units }) => units)).toEqual([1, 2, 3, 4, 5, 51, 52, 53, 54, 55]);
  expect(mentions[0]!.atMs).toBeLessThan(50);
  beats.mention();
  beats.goodbye("done");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent).toHaveLength(12);
});
