import { describe, expect, test } from "vitest";
import { isGivenUp } from "../src/state/attempts.ts";
import { createQuarantine } from "../src/workers/quarantine.ts";
import { hopeless } from "../src/workers/verdict.ts";
import type { VerdictFacts } from "../src/workers/verdict.ts";
import { nextRun } from "../src/cache/scan-cache.ts";
import { windowSize } from "../src/units/window.ts";
import { upTo } from "./stand-ins.ts";

describe("a unit is given up", () => {
  const given = (failures: number, distinctHosts: number, maxAttempts: number, aliveHosts: number): boolean =>
    isGivenUp({ failures, distinctHosts }, maxAttempts, aliveHosts);

  test("after max-attempts failures on as many hosts", () => {
    expect([1, 2, 3].map((failures) => given(failures, failures, 3, 10))).toEqual([false, false, true]);
  });

  test("after max-attempts failures where there are fewer hosts than that, once each has failed it", () => {
    expect(given(3, 1, 3, 1)).toBe(true);
    expect(given(3, 2, 3, 2)).toBe(true);
    expect(given(3, 1, 3, 0)).toBe(true);
  });

  test("not while another host might do it, up to twice max-attempts in all", () => {
    expect([3, 4, 5, 6].map((failures) => given(failures, 1, 3, 5))).toEqual([false, false, false, true]);
  });

  test("never at max-attempts 0", () => {
    expect(given(1e6, 1e3, 0, 1)).toBe(false);
  });
});

describe("a scan is hopeless", () => {
  const facts = (more: Partial<VerdictFacts>): VerdictFacts => ({
    finalUnits: 0,
    resultUnits: 0,
    finished: false,
    aliveHosts: ["a"],
    answeredHosts: new Set(["a"]),
    aliveWorkers: 1,
    goodbyes: [],
    // All decided by this server, unless a test says otherwise.
    freshFinalUnits: more.finalUnits ?? 0,
    ...more,
  });

  test("not for what an earlier server saw: its trouble may be mended", () => {
    expect(hopeless(facts({ finalUnits: 60, freshFinalUnits: 10 }))).toBeUndefined();
  });

  test("when the first 50 final outcomes all failed, not before", () => {
    expect(hopeless(facts({ finalUnits: 49 }))).toBeUndefined();
    expect(hopeless(facts({ finalUnits: 50 }))).toMatch(/first 50 .* all failed/);
  });

  test("never once any unit has a result", () => {
    expect(hopeless(facts({ finalUnits: 5000, resultUnits: 1, finished: true }))).toBeUndefined();
  });

  test("not while a host that is alive has not answered yet", () => {
    expect(hopeless(facts({ finalUnits: 60, aliveHosts: ["a", "b"] }))).toBeUndefined();
    expect(hopeless(facts({ finalUnits: 60, aliveHosts: ["a", "b"], answeredHosts: new Set(["a", "b"]) }))).toBeDefined();
  });

  test("when all is done and nothing succeeded, however few units there were", () => {
    expect(hopeless(facts({ finalUnits: 12, finished: true }))).toBe("all 12 units failed");
    expect(hopeless(facts({ finalUnits: 0, finished: true }))).toBeUndefined();
  });

  test("when every client that ever came left because recos cannot start there", () => {
    const goodbyes = (...codes: (string | undefined)[]): VerdictFacts["goodbyes"] =>
      codes.map((whyCode) => ({ whyCode, why: "no such image" }));
    const left = (...codes: (string | undefined)[]): string | undefined =>
      hopeless(facts({ aliveHosts: [], aliveWorkers: 0, goodbyes: goodbyes(...codes) }));
    expect(left("start-failed", "image-failed")).toBe(
      "all 2 clients left because the reco cannot start there, the last: no such image",
    );
    expect(left("start-failed", undefined)).toBeUndefined();
    expect(left()).toBeUndefined();
    expect(hopeless(facts({ goodbyes: goodbyes("start-failed") }))).toBeUndefined();
  });
});

describe("quarantine", () => {
  /**
   * Outcomes as letters, one host each, capital: success; `x` and `y` are two clients of the host of `a`, one after the other.
   * Returns who was told to leave and after how many outcomes.
   */
  function told(outcomes: string, quarantine = createQuarantine()): string[] {
    return outcomes.split("").flatMap((letter, at) => {
      const worker = letter.toLowerCase();
      const host = "xy".includes(worker) ? "a" : worker;
      return quarantine.outcome(worker, host, letter === worker).map((verdict) => `${verdict.worker}@${at + 1}`);
    });
  }

  test("a worker that fails what others do must leave, and is told once", () => {
    const good = "B".repeat(100);
    expect(told(`${good}${"a".repeat(30)}`)).toEqual(["a@105"]);
  });

  test("says how often, and how the others do", () => {
    const quarantine = createQuarantine();
    for (const _ of upTo(98)) quarantine.outcome("b", "host-b", false);
    const said = upTo(5).flatMap(() => quarantine.outcome("a", "host-a", true));
    expect(said).toEqual([{ worker: "a", host: "host-a", why: "5 failures in a row, while the other workers fail 1.0 % of 98" }]);
  });

  test("a success in between makes it start over", () => {
    expect(told(`${"B".repeat(100)}aaaaAaaaaAaaaa`)).toEqual([]);
  });

  test("where every worker fails, nobody is to blame", () => {
    expect(told("ab".repeat(200))).toEqual([]);
  });

  test("the only worker is never sent away", () => {
    expect(told(`${"A".repeat(100)}${"a".repeat(100)}`)).toEqual([]);
  });

  test("the more the others fail, the longer it may", () => {
    const half = "Bb".repeat(100);
    const [sentAway] = told(`${half}${"a".repeat(60)}`);
    expect(Number(sentAway!.split("@")[1]) - 200).toBeGreaterThan(10);
  });

  test("a worker that failed before the others had shown anything is told as soon as they have: it need not fail again", () => {
    expect(told(`aaaaa${"BC".repeat(10)}`)).toEqual(["a@14"]);
  });

  test("a host that comes back keeps its record: its next client is told at its first failure", () => {
    expect(told(`${"B".repeat(100)}aaaaaxy`)).toEqual(["a@105", "x@106", "y@107"]);
    const quarantine = createQuarantine();
    told(`${"B".repeat(100)}aaaaa`, quarantine);
    expect(quarantine.outcome("x", "a", true)[0]?.why).toBe("6 failures in a row on a, while the other hosts fail 1.0 % of 100");
  });

  test("until a fit succeeds there", () => {
    expect(told(`${"B".repeat(100)}aaaaaXxxxx`)).toEqual(["a@105"]);
  });

  test("also over a restart of the server, once the others have shown that it can be done", () => {
    const quarantine = createQuarantine();
    quarantine.remember("a");
    expect(told(`x${"B".repeat(20)}`, quarantine)).toEqual(["x@6"]);
  });
});

test("a run follows the last one, and after damage, which may hide runs, every one that there can have been", () => {
  const nowMs = Date.UTC(2026, 0, 1);
  expect(nextRun(3, false, nowMs)).toBe(4);
  const hidden = nextRun(0, true, nowMs);
  expect(hidden).toBe(nowMs / 1000);
  expect(nextRun(hidden, true, nowMs)).toBe(hidden + 1);
});

describe("the window", () => {
  test("is the least that was asked for, or twice what the workers can hold", () => {
    expect(windowSize({ min: 300, slots: 10, lookahead: 0, perSec: 0, proven: true })).toBe(300);
    expect(windowSize({ min: 300, slots: 400, lookahead: 600, perSec: 0, proven: true })).toBe(2000);
    expect(windowSize({ min: 300, slots: 1000, lookahead: 1_000_000, perSec: 0, proven: true })).toBe(18_384);
  });

  test("covers what is fitted while a result is on its way, within bounds", () => {
    expect(windowSize({ min: 300, slots: 10, lookahead: 0, perSec: 1000, proven: true })).toBe(300);
    expect(windowSize({ min: 300, slots: 10, lookahead: 0, perSec: 5000, proven: true })).toBe(1000);
    expect(windowSize({ min: 300, slots: 10, lookahead: 0, perSec: 50_000, proven: true })).toBe(2000);
  });

  test("is small before the first success, but every slot has work", () => {
    expect(windowSize({ min: 300, slots: 0, lookahead: 0, perSec: 0, proven: false })).toBe(50);
    expect(windowSize({ min: 10, slots: 0, lookahead: 0, perSec: 0, proven: false })).toBe(10);
    expect(windowSize({ min: 300, slots: 1000, lookahead: 0, perSec: 0, proven: false })).toBe(2000);
  });
});
