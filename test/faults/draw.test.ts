import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";
import { drawRuns, faultsOf } from "./draw.ts";
import { driverNames } from "./run-plan.ts";

test.each(driverNames)("the same seed gives the same runs over %s, the first ones the same for every count", (driver) => {
  const runs = drawRuns(catalogue, driver, 7, 50);
  expect(drawRuns(catalogue, driver, 7, 50)).toEqual(runs);
  expect(drawRuns(catalogue, driver, 7, 20)).toEqual(runs.slice(0, 20));
  expect(drawRuns(catalogue, driver, 8, 50)).not.toEqual(runs);
});

test.each(driverNames)(
  "every fault that %s can have is drawn in 100 runs, one or several in a run, none twice in one",
  (driver) => {
    const runs = drawRuns(catalogue, driver, 1, 100);
    const names = runs.map((run) => run.faults.map(({ name }) => name));
    const possible = faultsOf(catalogue, driver).map(({ name }) => name);
    expect(new Set(names.flat())).toEqual(new Set(possible));
    expect(new Set(names.map(({ length }) => length))).toEqual(new Set([1, 2, 3]));
    for (const one of names) expect(new Set(one).size).toBe(one.length);
  },
);

test("what strikes, strikes at any time of the scan, and each blow has chance numbers of its own", () => {
  const blows = drawRuns(catalogue, "embedded", 1, 200).flatMap((run) => run.faults);
  expect(Math.min(...blows.map(({ at }) => at))).toBeLessThan(0.1);
  expect(Math.max(...blows.map(({ at }) => at))).toBeGreaterThan(0.8);
  expect(new Set(blows.map(({ seed }) => seed)).size).toBe(blows.length);
});

test("without any fault there are undisturbed runs", () => {
  expect(drawRuns([], "embedded", 1, 3).map(({ faults }) => faults)).toEqual([[], [], []]);
});

test("the broker in the server cannot be broken by itself, and only who knows alarms raises one", () => {
  const needing = (driver: string): readonly string[] => faultsOf(catalogue, driver).flatMap(({ needs }) => needs ?? []);
  expect(needing("embedded")).toEqual([]);
  expect(new Set(needing("rabbitmq"))).toEqual(new Set(["broker", "alarm"]));
});
