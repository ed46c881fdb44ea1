import { describe, expect, test } from "vitest";
import type { Outcome } from "@skyscan/protocol";
import { createAnswered } from "../src/answered.ts";
import { createDeclines } from "../src/declines.ts";
import { createFinals } from "../src/finals.ts";
import { overallEnd } from "../src/ending.ts";
import { createFailureWaits } from "../src/failure-waits.ts";
import { readWork } from "../src/garbage.ts";
import { createIdleWatch } from "../src/idle.ts";
import { createLookahead } from "../src/lookahead.ts";
import { outcomeOf } from "../src/outcomes.ts";
import { isScratchProblem } from "../src/scratch.ts";
import { createStartStrikes } from "../src/start-strikes.ts";
import { workUnit } from "./messages.ts";

const result = (unit: string, attempt = 1): Outcome => ({
  kind: "result",
  unit,
  attempt,
  runtimeSec: 1,
  result: { llh: 1, eInGeV: null, eTotGeV: null, xM: null, yM: null, zM: null, timeNs: null },
});
const failure = (unit: string, attempt = 1): Outcome => ({
  kind: "failure",
  unit,
  attempt,
  runtimeSec: 1,
  code: "crashed",
  message: "",
  retry: true,
  stderrTail: "x".repeat(60_000),
});

describe("waits after failures", () => {
  test("double from 1 s to 60 s, and start over after a success", () => {
    const waits = createFailureWaits();
    const waitedSec = Array.from({ length: 8 }, () => waits.afterFailure(true) / 1000);
    expect(waitedSec).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    waits.afterSuccess();
    expect(waits.afterFailure(true)).toBe(1000);
  });

  test("stay at a quarter of a second while nothing is proven, and then go on from where they would be", () => {
    const waits = createFailureWaits();
    expect([waits.afterFailure(false), waits.afterFailure(false), waits.afterFailure(true)]).toEqual([250, 250, 4000]);
  });
});

describe("tries at starting the reco", () => {
  test("three in a row are enough", () => {
    const strikes = createStartStrikes();
    expect([1, 2, 3].map(() => strikes.failed(strikes.begin()))).toEqual([false, false, true]);
  });

  test("a start in between starts the count over", () => {
    const strikes = createStartStrikes();
    strikes.failed(strikes.begin());
    strikes.failed(strikes.begin());
    strikes.started();
    expect(strikes.failed(strikes.begin())).toBe(false);
  });

  test("many slots that fail together are one try", () => {
    const strikes = createStartStrikes();
    const together = Array.from({ length: 64 }, () => strikes.begin());
    expect(together.some((begun) => strikes.failed(begun))).toBe(false);
  });
});

describe("answered units", () => {
  test("a result is recalled for any attempt, a failure for its own only", () => {
    const answered = createAnswered();
    answered.remember(result("a"));
    answered.remember(failure("b", 2));
    expect(answered.recall("a", 5)?.kind).toBe("result");
    expect(answered.recall("b", 2)?.kind).toBe("failure");
    expect(answered.recall("b", 3)).toBeUndefined();
    expect(answered.recall("b", 1)).toBeUndefined();
  });

  test("the oldest are forgotten first, and of a failure's stderr only the end is kept", () => {
    const answered = createAnswered(2);
    for (const unit of ["a", "b"]) answered.remember(result(unit));
    answered.remember(result("a", 2));
    answered.remember(failure("c"));
    expect(answered.recall("b", 1)).toBeUndefined();
    expect(answered.recall("a", 1)).toMatchObject({ attempt: 2 });
    const kept = answered.recall("c", 1);
    expect(kept?.kind === "failure" && kept.stderrTail.length).toBe(1024);
  });
});

describe("looking ahead", () => {
  const fitted = (seconds: readonly number[], slots = 1): ReturnType<typeof createLookahead> => {
    const lookahead = createLookahead({ slots, prefetch: slots });
    for (const one of seconds) lookahead.fitted(one);
    return lookahead;
  };

  test("begins only when enough fits are known to be short", () => {
    expect(fitted([1, 1, 1]).wanted(0)).toBe(0);
    expect(fitted([1, 1, 1, 1]).wanted(0)).toBe(1);
    expect(fitted([1, 1, 1, 1], 4).wanted(0)).toBe(0);
    expect(fitted([20, 20, 20, 20]).wanted(0)).toBe(0);
  });

  test("is half a second of very short fits for each slot, within bounds", () => {
    expect(fitted([0.02, 0.02, 0.02, 0.02], 2).wanted(0)).toBe(64);
    expect(fitted([0, 0, 0, 0], 2).wanted(0)).toBe(2048);
    expect(fitted(Array<number>(80).fill(0), 40).wanted(0)).toBe(4096);
  });

  test("counts units: deliveries that bring many of them are taken ahead in smaller numbers, but never fewer than slots", () => {
    const lookahead = fitted([0.01, 0.01, 0.01, 0.01], 2);
    for (let message = 0; message < 50; message += 1) lookahead.arrived(10);
    expect(lookahead.wanted(0)).toBe(16);
    expect(lookahead.units(16)).toBe(178);
    for (let message = 0; message < 50; message += 1) lookahead.arrived(1000);
    expect(lookahead.wanted(0)).toBe(2);
  });

  test("counts fits that share a slot as what they take of it", () => {
    const lookahead = createLookahead({ slots: 2, prefetch: 8 });
    for (let fit = 0; fit < 4; fit += 1) lookahead.fitted(0.08);
    expect(lookahead.wanted(0)).toBe(64);
  });

  test("four times what is wanted may stay in hand; nothing when fits are long, or something waits long", () => {
    expect(fitted([0.01, 0.01, 0.01]).keeps).toBe(0);
    const lookahead = fitted([0.01, 0.01, 0.01, 0.01], 2);
    expect(lookahead.keeps).toBe(400);
    lookahead.wanted(21);
    expect(lookahead.keeps).toBe(0);
    expect(fitted([20, 20, 20, 20]).keeps).toBe(0);
  });

  test("shrinks only when much less is wanted, since what was taken would have to go back", () => {
    const lookahead = fitted([0.01, 0.01, 0.01, 0.01]);
    expect(lookahead.wanted(0)).toBe(64);
    for (let fit = 0; fit < 50; fit += 1) lookahead.fitted(0.02);
    expect(lookahead.wanted(0)).toBe(64);
    for (let fit = 0; fit < 50; fit += 1) lookahead.fitted(0.04);
    expect(lookahead.wanted(0)).toBe(16);
  });

  test("is not shaken by a short fit that took long once", () => {
    const lookahead = fitted(Array<number>(100).fill(0.002));
    expect(lookahead.wanted(0)).toBe(256);
    lookahead.fitted(0.1);
    lookahead.fitted(0.1);
    expect(lookahead.wanted(0)).toBe(256);
  });

  test("ends when fits become long, or when a delivery waits long, and then has to be earned again", () => {
    const slower = fitted([1, 1, 1, 1]);
    for (let fit = 0; fit < 5; fit += 1) slower.fitted(10);
    expect(slower.wanted(0)).toBe(0);
    const stuck = fitted([1, 1, 1, 1]);
    expect(stuck.wanted(21)).toBe(0);
    expect(stuck.wanted(0)).toBe(0);
  });
});

test("a unit that avoids this host is declined twice; others never", () => {
  const declines = createDeclines("here");
  const unit = workUnit(0, { avoid: ["there", "here"] });
  expect([1, 2, 3].map(() => declines.shouldDecline(unit, false))).toEqual([true, true, false]);
  expect(declines.shouldDecline(workUnit(1, { avoid: ["there"] }), false)).toBe(false);
  expect(declines.shouldDecline(workUnit(2), false)).toBe(false);
});

test("what is meant for another host while it is fitted here is declined as often as it comes", () => {
  const declines = createDeclines("here");
  const copy = workUnit(0, { avoid: ["here"] });
  expect([1, 2, 3, 4].map(() => declines.shouldDecline(copy, true))).toEqual([true, true, true, true]);
});

test("a unit is final for the run that said so and those before it; the oldest are forgotten", () => {
  const finals = createFinals(2);
  finals.remember(["1/0/0"], 2);
  expect([1, 2, 3].map((run) => finals.has("1/0/0", run))).toEqual([true, true, false]);
  finals.remember(["1/1/0", "1/2/0"], 2);
  expect(["1/0/0", "1/1/0", "1/2/0"].map((unit) => finals.has(unit, 2))).toEqual([false, true, true]);
});

test("the first message may take its own time, later ones the idle limit", () => {
  const idle = createIdleWatch({ firstMessageSec: 100, idleSec: 10 }, 0);
  expect(idle.expired(99_000)).toBeUndefined();
  expect(idle.expired(100_000)).toEqual({ limitSec: 100, first: true });
  idle.touch(100_000);
  expect(idle.expired(109_000)).toBeUndefined();
  expect(idle.expired(110_000)).toEqual({ limitSec: 10, first: false });
});

test("what is not finite travels as null, and texts stay within the message's limits", () => {
  const odd = { llh: NaN, eInGeV: Infinity, eTotGeV: null, xM: 1, yM: 2, zM: 3, timeNs: -Infinity };
  expect(outcomeOf("a", 1, { kind: "result", runtimeSec: 1, result: odd })).toMatchObject({
    result: { llh: null, eInGeV: null, eTotGeV: null, xM: 1, yM: 2, zM: 3, timeNs: null },
  });
  const long = "y".repeat(100_000);
  const clipped = outcomeOf("a", 1, {
    kind: "failure",
    runtimeSec: 1,
    code: "crashed",
    message: long,
    retry: true,
    stderrTail: `${long}the end`,
  });
  expect(clipped?.kind === "failure" && [clipped.message.length, clipped.stderrTail.length]).toEqual([4096, 65_536]);
  expect(clipped?.kind === "failure" && clipped.stderrTail.endsWith("the end")).toBe(true);
});

test("garbage is named by its size and the hash of its beginning, never by its content", () => {
  expect(() => readWork(new TextEncoder().encode("a secret"), "scan")).toThrow(/8 bytes, sha256 of the first 200: [0-9a-f]{64}/);
  expect(() => readWork(new TextEncoder().encode("a secret"), "scan")).not.toThrow(/secret/);
});

test("a full disk is a scratch problem wherever it stands among the causes; a missing right to execute is not", () => {
  const full = Object.assign(new Error("write"), { code: "ENOSPC" });
  expect(isScratchProblem(new Error("start", { cause: new Error("between", { cause: full }) }))).toBe(true);
  expect(isScratchProblem(Object.assign(new Error("spawn"), { code: "EACCES" }))).toBe(false);
});

test("the end of several scans is the signal's, else the first that went wrong; who is sent away by some has served the others", () => {
  const of = (status: 0 | 4 | 5 | 7) => ({ status, why: String(status) });
  expect(overallEnd([of(0), of(7), of(4)]).status).toBe(4);
  expect(overallEnd([of(4), of(5)]).status).toBe(5);
  expect(overallEnd([of(0), of(0)]).status).toBe(0);
  expect(overallEnd([of(7), of(0)]).status).toBe(0);
  expect(overallEnd([of(7), of(7)]).status).toBe(7);
});
