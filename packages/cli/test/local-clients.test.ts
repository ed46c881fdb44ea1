import { expect, test } from "vitest";
import { evenly } from "../src/local-clients.ts";

test.each([
  [0, []],
  [1, [1]],
  [8, [8]],
  [9, [4, 5]],
  [64, [8, 8, 8, 8, 8, 8, 8, 8]],
])("%d clients, eight to a process at most, are shared out evenly", (clients, sizes) => {
  expect(evenly(clients, 8)).toEqual(sizes);
});
