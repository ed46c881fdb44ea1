import { describe, expect, test } from "vitest";
import { createWorkers, fittingUnits } from "../src/workers/workers.ts";
import type { Workers } from "../src/workers/workers.ts";
import { statusOf } from "./deliveries.ts";

const holding = [
  { unit: "8/1/0", elapsedSec: 12 },
  { unit: "8/2/0", elapsedSec: 0 },
  { unit: "nonsense", elapsedSec: 3 },
];

function clocked(): { now: number; readonly workers: Workers } {
  const clock = { now: 0 };
  const workers = createWorkers(() => clock.now);
  return Object.assign(clock, { workers });
}

describe("a worker", () => {
  test("is alive for three beats, then lost, and reported once", () => {
    const clock = clocked();
    clock.workers.beat(statusOf("host-a-1", { holding }));
    clock.now = 30_000;
    expect(clock.workers.sweep()).toEqual([]);
    clock.now = 30_001;
    expect(clock.workers.sweep().map(({ id, state, why }) => [id, state, why])).toEqual([
      ["host-a-1", "lost", "no beat for 30 s"],
    ]);
    expect(clock.workers.sweep()).toEqual([]);
    expect([clock.workers.alive.length, clock.workers.everSeen]).toEqual([0, 1]);
    expect(clock.workers.tally).toEqual({ count: 0, slots: 0, lookahead: 0, hosts: new Set() });
  });

  test("is welcome when its beat comes late", () => {
    const clock = clocked();
    clock.workers.beat(statusOf("host-a-1"));
    clock.now = 60_000;
    clock.workers.sweep();
    clock.workers.beat(statusOf("host-a-1"));
    expect(clock.workers.get("host-a-1")?.state).toBe("working");
    expect([clock.workers.alive.length, clock.workers.everSeen]).toEqual([1, 1]);
    expect(clock.workers.sweep()).toEqual([]);
  });

  test("that said goodbye is gone, and never lost", () => {
    const clock = clocked();
    clock.workers.beat(statusOf("host-a-1", { state: "goodbye", why: "told to", whyCode: "start-failed", holding }));
    clock.now = 1e6;
    expect(clock.workers.sweep()).toEqual([]);
    expect(clock.workers.alive).toEqual([]);
    expect(clock.workers.get("host-a-1")).toMatchObject({ why: "told to", whyCode: "start-failed" });
    expect(clock.workers.holds("8/1/0")).toBe(false);
  });

  test("holds what its last beat lists, and fits what it has begun", () => {
    const { workers } = clocked();
    const worker = workers.beat(statusOf("host-a-1", { holding }));
    expect([workers.holds("8/1/0"), workers.holds("8/3/0")]).toEqual([true, false]);
    expect(fittingUnits(worker)).toEqual([{ nside: 8, pixel: 1, posvar: 0 }]);
    workers.beat(statusOf("host-a-1"));
    expect(workers.holds("8/1/0")).toBe(false);
  });

  test("of one host with another makes one host; slots and lookahead add up, of those that are alive alone", () => {
    const { workers } = clocked();
    workers.beat(statusOf("host-a-1", { slots: 2, lookahead: 1 }));
    workers.beat(statusOf("host-a-2", { slots: 3, lookahead: 2 }));
    workers.beat(statusOf("host-b-1", { slots: 4, lookahead: 4 }));
    workers.beat(statusOf("host-c-1", { slots: 8, state: "goodbye" }));
    expect(workers.tally).toEqual({ count: 3, slots: 9, lookahead: 7, hosts: new Set(["host-a", "host-b"]) });
  });
});
