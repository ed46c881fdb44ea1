import { expect, test } from "vitest";
import { batchSize } from "../src/units/batch-size.ts";
import type { BatchFacts } from "../src/units/batch-size.ts";

const plenty: BatchFacts = { targetSec: 0.5, fits: 1000, slotSecPerFit: 0.01, waiting: 1e6, slots: 4, window: 2000 };
const size = (change: Partial<BatchFacts>): number => batchSize({ ...plenty, ...change });

test("a message keeps a slot busy for the target time", () => {
  expect(size({})).toBe(50);
  expect(size({ targetSec: 1 })).toBe(100);
  expect(size({ slotSecPerFit: 0.1 })).toBe(5);
});

test("fits that take as long as the target time, or longer, travel alone", () => {
  for (const slotSecPerFit of [0.3, 0.5, 2, 3600]) expect(size({ slotSecPerFit })).toBe(1);
});

test("units travel alone until it is known how long their fits take, and when that is asked for", () => {
  expect(size({ fits: 15 })).toBe(1);
  expect(size({ fits: 16 })).toBe(50);
  expect(size({ targetSec: 0 })).toBe(1);
});

test("messages become smaller as a level runs out, down to one unit for each slot", () => {
  expect([400, 200, 80, 8, 4, 1, 0].map((waiting) => size({ waiting }))).toEqual([50, 25, 10, 1, 1, 1, 1]);
  expect(size({ waiting: 400, slots: 1000 })).toBe(1);
  expect(size({ waiting: 80, slots: 0 })).toBe(40);
});

test("a message takes a quarter of the window, and never more than 256 units", () => {
  expect(size({ window: 100 })).toBe(25);
  expect(size({ slotSecPerFit: 1e-6, window: 300 })).toBe(75);
  expect(size({ slotSecPerFit: 0, window: 1e6 })).toBe(256);
});
