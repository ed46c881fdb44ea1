import { describe, expect, test } from "vitest";
import { lateness } from "../src/units/stragglers.ts";

const times = { fits: 100, medianSec: 10, spread: 0.3 };

describe("late is", () => {
  test.each([
    ["a fit that takes far longer than its peers", 1, 30, "far longer"],
    ["no fit of ordinary length", 1, 20, undefined],
    ["a fit that has just begun where fits take four times as long", 4, 1, "slow"],
    ["no fit on a slow host that will soon be over", 4, 35, undefined],
    ["a fit that takes far longer than others even on that slow host", 4, 120, "far longer"],
    ["nothing on a host that is a little slow", 1.2, 5, undefined],
  ])("%s", (_, pace, elapsedSec, why) => {
    const late = lateness(times, pace, elapsedSec);
    if (why === undefined) expect(late).toBeUndefined();
    else expect(late?.why).toContain(why);
  });

  test("the later, the longer the host still has to go", () => {
    expect(lateness(times, 4, 1)!.gainSec).toBeGreaterThan(lateness(times, 3, 1)!.gainSec);
  });
});
