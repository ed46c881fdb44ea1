import { describe, expect, test } from "vitest";
import { createEta } from "../src/units/eta.ts";
import type { Eta } from "../src/units/eta.ts";

/** Slots that are always busy, for so long; one fit after the other in each. */
function busy(eta: Eta, nside: number, runtimeSec: number, slots: number, fromSec: number, forSec: number): void {
  for (let second = fromSec; second <= fromSec + forSec; second += 1) eta.tick(slots, second * 1000);
  for (let slot = 0; slot < slots; slot += 1)
    for (let at = runtimeSec; at <= forSec; at += runtimeSec) eta.fitted(nside, runtimeSec, (fromSec + at) * 1000);
}

describe("the time that is left", () => {
  test("is unknown before the first fit, and while nobody is there", () => {
    const eta = createEta();
    expect(eta.secondsLeft([{ nside: 8, units: 100 }], 10)).toBeUndefined();
    eta.fitted(8, 1, 0);
    expect(eta.secondsLeft([{ nside: 8, units: 100 }], 0)).toBeUndefined();
    expect(eta.secondsLeft([{ nside: 8, units: 0 }], 4)).toBe(0);
  });

  test("is made of fits and what each keeps a slot for, an nside that has not begun like the one before it", () => {
    const eta = createEta();
    expect(eta.rest([{ nside: 8, units: 100 }], 10)).toEqual([]);
    busy(eta, 8, 2, 4, 0, 40);
    expect(
      eta.rest(
        [
          { nside: 8, units: 4 },
          { nside: 64, units: 40 },
        ],
        4,
      ),
    ).toEqual([
      { nside: 8, units: 4, slotSecPerUnit: expect.closeTo(2, 0) as number },
      { nside: 64, units: 40, slotSecPerUnit: expect.closeTo(2, 0) as number },
    ]);
  });

  test("counts each nside at its own pace, not all at one rate", () => {
    const eta = createEta();
    busy(eta, 8, 1, 10, 0, 30);
    busy(eta, 64, 10, 10, 30, 60);
    const left = eta.secondsLeft(
      [
        { nside: 8, units: 100 },
        { nside: 64, units: 50 },
      ],
      10,
    );
    expect(left).toBeCloseTo(10 + 50, 0);
  });

  test("takes an nside that has not begun for one like the one before it", () => {
    const eta = createEta();
    busy(eta, 8, 2, 4, 0, 40);
    const remaining = [
      { nside: 8, units: 4 },
      { nside: 64, units: 40 },
    ];
    expect(eta.secondsLeft(remaining, 4)).toBeCloseTo(2 + 20, 0);
  });

  test("follows what fits take lately", () => {
    const eta = createEta();
    for (let fit = 0; fit < 1000; fit += 1) eta.fitted(8, 1, fit);
    for (let fit = 0; fit < 256; fit += 1) eta.fitted(8, 7, 1000 + fit);
    expect(eta.secondsLeft([{ nside: 8, units: 20 }], 2)).toBeCloseTo(70, 6);
  });

  test("follows the slots that are there now", () => {
    const eta = createEta();
    busy(eta, 8, 1, 10, 0, 60);
    expect(eta.secondsLeft([{ nside: 8, units: 100 }], 10)).toBeCloseTo(10, 0);
    expect(eta.secondsLeft([{ nside: 8, units: 100 }], 2)).toBeCloseTo(50, 0);
  });

  test("is at least one fit long, however many slots there are", () => {
    const eta = createEta();
    eta.fitted(8, 600, 0);
    expect(eta.secondsLeft([{ nside: 8, units: 1 }], 1000)).toBe(600);
  });

  test("is longer where slots wait more than they fit", () => {
    const eta = createEta();
    for (let second = 0; second <= 30; second += 1) eta.tick(2, second * 1000);
    // 2 slots, 100 fits of 1 ms each second: a twentieth of their time.
    for (let fit = 0; fit < 3000; fit += 1) eta.fitted(8, 0.001, fit * 10);
    expect(eta.secondsLeft([{ nside: 8, units: 1000 }], 2)).toBeCloseTo(10, 0);
  });
});
