import { expect, test } from "vitest";
import { alignedLines, spreadOf } from "../../bench/report.ts";

test("the median of an even number of values lies between the middle two, whatever their order", () => {
  expect(spreadOf([9, 1, 10, 2])).toEqual({ median: 5.5, least: 1, most: 10 });
  expect(spreadOf([3, 1, 2]).median).toBe(2);
  expect(() => spreadOf([])).toThrow(RangeError);
});

test("columns are as wide as their widest cell, and no line ends in blanks", () => {
  expect(
    alignedLines([
      ["slots", "x", ""],
      ["100000", "1.5", ""],
    ]),
  ).toEqual(["slots   x", "100000  1.5"]);
});
