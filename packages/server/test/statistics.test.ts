import { describe, expect, test } from "vitest";
import { createFigures } from "../src/units/figures.ts";
import { createDurations, createRateWindow } from "../src/state/statistics.ts";
import { upTo } from "./stand-ins.ts";

describe("durations", () => {
  test("say nothing while there are none", () => {
    expect(createDurations().summary()).toBeUndefined();
  });

  test("mean, median, slowest and fastest", () => {
    const durations = createDurations();
    for (const seconds of [5, 1, 100, 3, 2]) durations.add(seconds);
    expect(durations.summary()).toEqual({ mean: 22.2, median: 3, slowest: 100, fastest: 1 });
    expect([durations.count, durations.sumSec]).toEqual([5, 111]);
  });

  test("the median follows the latest, mean and extremes are of all", () => {
    const durations = createDurations();
    for (const _ of upTo(5000)) durations.add(1);
    for (const _ of upTo(3000)) durations.add(9);
    expect(durations.summary()).toMatchObject({ median: 9, mean: 4, fastest: 1, slowest: 9 });
  });
});

describe("the rate", () => {
  test("is none before the first", () => {
    expect(createRateWindow().perSec(1e6)).toBe(0);
  });

  test("is that of the time there was, then that of the last minute", () => {
    const rate = createRateWindow();
    const start = 1_000_000;
    for (const half of upTo(20)) rate.add(start + 500 * half);
    expect(rate.perSec(start + 10_000)).toBe(2);
    for (const second of upTo(600)) rate.add(start + 1000 * (second + 10));
    expect(rate.perSec(start + 609_000)).toBeCloseTo(1, 1);
  });

  test("falls to zero when nothing comes any more", () => {
    const rate = createRateWindow();
    for (const second of upTo(100)) rate.add(1000 * second);
    expect(rate.perSec(99_000)).toBeCloseTo(1, 1);
    expect(rate.perSec(129_000)).toBeCloseTo(0.5, 1);
    expect(rate.perSec(160_000)).toBe(0);
  });
});

describe("figures", () => {
  const result = { kind: "result", unit: "8/1/0", attempt: 1, runtimeSec: 2.5 } as const;
  const empty = { llh: 1, eInGeV: null, eTotGeV: null, xM: null, yM: null, zM: null, timeNs: null };

  test("worker time and round trip by nside; failures only mark the first answer", () => {
    let now = 1000;
    const figures = createFigures(() => now);
    figures.published();
    now = 4000;
    figures.outcome(
      { kind: "failure", unit: "8/0/0", attempt: 1, runtimeSec: 0.5, code: "crashed", message: "", retry: true, stderrTail: "" },
      8,
      undefined,
    );
    now = 6000;
    figures.outcome({ ...result, result: empty }, 8, { nside: 8, pixel: 1, posvar: 0, sinceMs: 1000, holder: undefined });
    figures.outcome({ ...result, result: empty }, 64, undefined);
    figures.published();
    expect([figures.firstPublishMs, figures.firstOutcomeMs, figures.firstRuntimeSec]).toEqual([1000, 4000, 0.5]);
    expect(figures.workerTime.get(8)!.summary()).toMatchObject({ mean: 2.5 });
    expect(figures.workerTime.get(64)!.count).toBe(1);
    expect(figures.roundTrip.get(8)!.summary()).toMatchObject({ mean: 5 });
    expect(figures.roundTrip.has(64)).toBe(false);
    expect(figures.perSec()).toBe(2);
  });
});
