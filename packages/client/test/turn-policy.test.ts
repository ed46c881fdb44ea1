import { describe, expect, test } from "vitest";
import { decideTurns } from "../src/turn-policy.ts";
import type { TurnFacts } from "../src/turn-policy.ts";

const scan = (state: TurnFacts["state"], more: Partial<TurnFacts> = {}): TurnFacts => ({
  state,
  turnMs: state === "waiting" ? -Infinity : 0,
  busy: 0,
  working: false,
  crowded: false,
  idleMs: 0,
  ...more,
});
const nowMs = 10_000;
const decide = (scans: readonly TurnFacts[], lastWorkMs = nowMs): ReturnType<typeof decideTurns<TurnFacts>> =>
  decideTurns(scans, nowMs, lastWorkMs);

describe("whose turn it is among several scans", () => {
  test("at first the first", () => {
    const scans = [scan("waiting"), scan("waiting")];
    expect(decide(scans)).toEqual({ pause: [], next: scans[0] });
  });

  test("nobody else's while all slots are busy, or were a second ago, or the last one has just begun", () => {
    expect(decide([scan("consuming", { busy: 2, working: true, idleMs: 999 }), scan("waiting")])).toEqual({ pause: [] });
    expect(decide([scan("consuming", { idleMs: 5000, turnMs: nowMs - 999 }), scan("waiting")])).toEqual({ pause: [] });
  });

  test("the next one's when a slot has been idle for a second: never reached first, then least recently consumed", () => {
    const busy = scan("consuming", { busy: 1, working: true, idleMs: 1000 });
    const [older, newer, never] = [scan("paused", { turnMs: 1 }), scan("paused", { turnMs: 2 }), scan("waiting")];
    expect(decide([busy, newer, never, older]).next).toBe(never);
    expect(decide([busy, newer, older]).next).toBe(older);
  });

  test("one that cannot be reached is waited for five seconds, not longer", () => {
    const consuming = scan("consuming", { idleMs: 60_000 });
    expect(decide([consuming, scan("opening", { turnMs: nowMs - 4999 }), scan("waiting")])).toEqual({ pause: [] });
    const next = scan("waiting");
    expect(decide([consuming, scan("opening", { turnMs: nowMs - 5000 }), next]).next).toBe(next);
  });

  test("only that of the one with most fits, when units wait for slots that another scan has", () => {
    const lead = scan("consuming", { busy: 2, working: true });
    const other = scan("consuming", { busy: 1, working: true, crowded: true });
    expect(decide([other, lead, scan("waiting")])).toEqual({ pause: [other] });
    // What is left of a paused one is no reason.
    expect(decide([scan("paused", { crowded: true, working: true }), lead])).toEqual({ pause: [] });
  });

  test("where eight are reached and idle, another one's when the first of them is left; slowly once nothing has come for long", () => {
    const open = Array.from({ length: 8 }, (_, turn) => scan("consuming", { idleMs: 5000, turnMs: turn }));
    const next = scan("waiting");
    expect(decide([...open, next])).toEqual({ pause: [], leave: open[0], next });
    const recent = [...open.slice(1), scan("consuming", { idleMs: 5000, turnMs: nowMs - 2000 })];
    expect(decide([...recent, next], nowMs - 60_000)).toEqual({ pause: [] });
    const working = open.map((one) => ({ ...one, working: true }));
    expect(decide([...working, next])).toEqual({ pause: [], next });
  });
});
