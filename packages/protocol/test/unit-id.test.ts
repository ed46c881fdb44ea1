import { describe, expect, test } from "vitest";
import { formatUnitId, parseUnitId, scanQueues } from "../src/index.ts";

describe("unit ids", () => {
  test.each([
    [1, 0, 0],
    [64, 22946, 6],
    [2 ** 24, 12 * 4 ** 24 - 1, 65535],
  ])("%i/%i/%i there and back", (nside, pixel, posvar) => {
    expect(parseUnitId(formatUnitId(nside, pixel, posvar))).toEqual({ nside, pixel, posvar });
  });

  test.each([
    "",
    "1",
    "1/2",
    "1/2/3/4",
    "a/b/c",
    "-1/2/3",
    "1/2.5/3",
    " 1/2/3",
    "1/2/3\n",
    "1e3/2/3",
    "0x8/1/0",
    "1/99999999999999999/0",
    "0/1/0",
  ])("%j is none", (text) => {
    expect(parseUnitId(text)).toBeUndefined();
  });

  test.each(["01/2/3", "1/02/3", "1/2/03", "1/2/00"])("%j is none either: a unit has one name", (text) => {
    expect(parseUnitId(text)).toBeUndefined();
  });
});

test("a scan's queues carry its name, each another", () => {
  const names = Object.values(scanQueues("scan-1"));
  expect(new Set(names).size).toBe(6);
  for (const name of names) expect(name).toMatch(/^[a-z-]+-scan-1$/);
  expect(scanQueues("x")).toMatchObject({ work: "to-clients-x", replies: "from-clients-x" });
});
