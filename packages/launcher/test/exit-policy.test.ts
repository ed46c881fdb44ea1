import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { clientEnds, meaningOf, statusesMeaning } from "@skyscan/launcher";
import { repositoryPath } from "@skyscan/testing";

test("every exit status of a client has one meaning, and only those", () => {
  const source = readFileSync(repositoryPath("packages/client/src/ending.ts"), "utf8");
  const [, union = ""] = /ClientStatus = ([\d |]+);/.exec(source)!;
  // 1, a bug, is what is thrown.
  const statuses = [...union.split("|").map(Number), 1].sort();
  expect(clientEnds.map(({ status }) => status)).toEqual(statuses);
  expect(statusesMeaning("done", "again", "elsewhere", "never")).toEqual(statuses);
});

test("a client that was killed, or could not be started, is started again", () => {
  expect(meaningOf(null)).toBe("again");
  expect(meaningOf(undefined)).toBe("again");
  expect(meaningOf(127)).toBe("again");
});
