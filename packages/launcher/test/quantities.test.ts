import { expect, it } from "vitest";
import { parseMebibytes, parseSeconds } from "@skyscan/launcher";

it.each([
  ["8GB", 8192],
  ["8 GiB", 8192],
  ["512", 512],
  ["512M", 512],
  ["0.5g", 512],
  ["1kb", 1],
  ["2T", 2 * 1024 ** 2],
  ["0", undefined],
  ["-1GB", undefined],
  ["8 PB", undefined],
  ["eight", undefined],
  ["", undefined],
])("the size %j is %s MiB", (text, mebibytes) => {
  expect(parseMebibytes(text)).toBe(mebibytes);
});

it.each([
  ["3600", 3600],
  ["90m", 5400],
  ["1.5h", 5400],
  ["2d", 172_800],
  ["02:30:15", 9015],
  ["100:00:00", 360_000],
  ["1:2:3", undefined],
  ["00:60:00", undefined],
  ["0", undefined],
  ["soon", undefined],
])("the time %j is %s seconds", (text, seconds) => {
  expect(parseSeconds(text)).toBe(seconds);
});
