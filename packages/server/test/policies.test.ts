import { describe, expect, test } from "vitest";
import { isGivenUp } from "../src/attempts.ts";
import { createQuarantine } from "../src/quarantine.ts";
import { hopeless } from "../src/verdict.ts";
import type { VerdictFacts } from "../src/verdict.ts";
import { windowSize } from "../src/window.ts";
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
    goodbyeCodes: [],
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
    const left = (...goodbyeCodes: (string | undefined)[]): string | undefined =>
      hopeless(facts({ aliveHosts: [], aliveWorkers: 0, goodbyeCodes }));
    expect(left("start-failed", "image-failed")).toMatch(/all 2 clients left/);
    expect(left("start-failed", undefined)).toBeUndefined();
    expect(left()).toBeUndefined();
    expect(hopeless(facts({ goodbyeCodes: ["start-failed"] }))).toBeUndefined();
  });
});

describe("quarantine", () => {
  /** Outcomes as letters: capital worker succeeds, small fails; returns who was told to leave and after how many outcomes. */
  function told(outcomes: string): string[] {
    const quarantine = createQuarantine();
    return outcomes.split("").flatMap((letter, at) => {
      const worker = letter.toLowerCase();
      return quarantine.outcome(worker, letter === worker) === undefined ? [] : [`${worker}@${at + 1}`];
    });
  }

  test("a worker that fails what others do must leave, and is told once", () => {
    const good = "B".repeat(100);
    expect(told(`${good}${"a".repeat(30)}`)).toEqual(["a@105"]);
  });

  test("says how often, and how the others do", () => {
    const quarantine = createQuarantine();
    for (const _ of upTo(98)) quarantine.outcome("b", false);
    const said = upTo(5).map(() => quarantine.outcome("a", true));
    expect(said.at(-1)).toBe("5 failures in a row, while the other workers fail 1.0 % of 98");
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
});

describe("the window", () => {
  test("is the least that was asked for, or twice what the workers can hold", () => {
    expect(windowSize({ min: 300, slotsAndLookahead: 10, proven: true })).toBe(300);
    expect(windowSize({ min: 300, slotsAndLookahead: 1000, proven: true })).toBe(2000);
  });

  test("is small before the first success, but every slot has work", () => {
    expect(windowSize({ min: 300, slotsAndLookahead: 0, proven: false })).toBe(50);
    expect(windowSize({ min: 10, slotsAndLookahead: 0, proven: false })).toBe(10);
    expect(windowSize({ min: 300, slotsAndLookahead: 1000, proven: false })).toBe(2000);
  });
});
