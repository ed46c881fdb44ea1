import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  countFromOne,
  countFromZero,
  fraction,
  nearestName,
  numberFromZero,
  oneOf,
  optional,
  positiveNumber,
  readSettings,
  settingNames,
  text,
  yesOrNo,
} from "../src/index.ts";
import type { Setting, ValueKind } from "../src/index.ts";

const table = {
  intervalSec: { env: "X_INTERVAL_SEC", kind: positiveNumber, default: 60, doc: "" } as Setting<number>,
  colour: { env: "X_COLOUR", kind: oneOf("red", "blue"), default: "red", doc: "" } as Setting<"red" | "blue">,
  name: { env: "X_NAME", kind: optional(text), default: undefined, doc: "" } as Setting<string | undefined>,
  token: { env: "X_TOKEN", kind: optional(text), default: undefined, doc: "", secret: true } as Setting<string | undefined>,
};

function read(environment: Record<string, string>): { values: Record<string, unknown>; problems: string[] } {
  const problems: string[] = [];
  return { values: readSettings(table, problems, environment), problems };
}

function fileWith(content: string): string {
  const directory = mkdtempSync(join(tmpdir(), "skyscan-settings-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "token"), content);
  return join(directory, "token");
}

describe("settings", () => {
  test("unset or empty are the defaults; the result is frozen", () => {
    const { values, problems } = read({ X_COLOUR: "", X_NAME: "" });
    expect([values, problems]).toEqual([{ intervalSec: 60, colour: "red", name: undefined, token: undefined }, []]);
    expect(Object.isFrozen(values)).toBe(true);
  });

  test("are what the environment says", () => {
    expect(read({ X_INTERVAL_SEC: " 0.5 ", X_COLOUR: "BLUE", X_NAME: "a b" }).values).toMatchObject({
      intervalSec: 0.5,
      colour: "blue",
      name: "a b",
    });
  });

  test("that are not allowed are all said at once, with name, value and what is allowed; the defaults stand in", () => {
    const { values, problems } = read({ X_INTERVAL_SEC: "-1", X_COLOUR: "green" });
    expect(problems).toEqual([
      'X_INTERVAL_SEC="-1" is not allowed: it takes a number greater than 0',
      'X_COLOUR="green" is not allowed: it takes one of red, blue',
    ]);
    expect(values).toMatchObject({ intervalSec: 60, colour: "red" });
  });
});

describe("a secret", () => {
  test("comes from the variable, or from a file with one trailing newline stripped", () => {
    expect(read({ X_TOKEN: "abc" }).values["token"]).toBe("abc");
    expect(read({ X_TOKEN_FILE: fileWith("abc\n") }).values["token"]).toBe("abc");
    expect(read({ X_TOKEN_FILE: fileWith("abc\r\n") }).values["token"]).toBe("abc");
    expect(read({ X_TOKEN_FILE: fileWith("abc\n\n") }).values["token"]).toBe("abc\n");
  });

  test("given both ways is a problem; an empty variable is none", () => {
    expect(read({ X_TOKEN: "abc", X_TOKEN_FILE: fileWith("def") }).problems).toEqual([
      "X_TOKEN and X_TOKEN_FILE are both set: give one of them",
    ]);
    expect(read({ X_TOKEN: "", X_TOKEN_FILE: fileWith("def") })).toMatchObject({ values: { token: "def" }, problems: [] });
  });

  test("whose file cannot be read is a problem that names the file", () => {
    expect(read({ X_TOKEN_FILE: "/nowhere/token" }).problems[0]).toMatch(/^X_TOKEN_FILE=\/nowhere\/token cannot be read: ENOENT/);
  });

  test("is never shown when it is not allowed", () => {
    const problems: string[] = [];
    readSettings({ pin: { env: "X_PIN", kind: positiveNumber, default: 0, doc: "", secret: true } }, problems, {
      X_PIN: "hunter2",
    });
    expect(problems).toEqual(["X_PIN=(not shown) is not allowed: it takes a number greater than 0"]);
  });

  test("is known under both names", () => {
    expect(settingNames(table)).toEqual(["X_INTERVAL_SEC", "X_COLOUR", "X_NAME", "X_TOKEN", "X_TOKEN_FILE"]);
  });
});

const refused = undefined;
test.each<[string, ValueKind<unknown>, string, unknown]>([
  ["positiveNumber", positiveNumber, "1e3", 1000],
  ["positiveNumber", positiveNumber, "0", refused],
  ["positiveNumber", positiveNumber, "Infinity", refused],
  ["positiveNumber", positiveNumber, "5s", refused],
  ["positiveNumber", positiveNumber, " ", refused],
  ["numberFromZero", numberFromZero, "0", 0],
  ["numberFromZero", numberFromZero, "-0.1", refused],
  ["countFromZero", countFromZero, "0", 0],
  ["countFromZero", countFromZero, "1.5", refused],
  ["countFromOne", countFromOne, "0", refused],
  ["countFromOne", countFromOne, "9007199254740993", refused],
  ["fraction", fraction, "1", 1],
  ["fraction", fraction, "1.01", refused],
  ["yesOrNo", yesOrNo, "Yes", true],
  ["yesOrNo", yesOrNo, "off", false],
  ["yesOrNo", yesOrNo, "perhaps", refused],
  ["text", text, " kept as it is ", " kept as it is "],
])("%s: %s", (_, kind, given, expected) => {
  expect(kind.parse(given)).toBe(expected);
});

test("a mistyped name finds the nearest, one that is far from all finds none", () => {
  const known = ["SKYSCAN_BROKER_ADDRESS", "SKYSCAN_BROKER_AUTH"];
  expect(nearestName("SKYSCAN_BROKER_ADRESS", known)).toBe("SKYSCAN_BROKER_ADDRESS");
  expect(nearestName("PATH", known)).toBeUndefined();
  expect(nearestName("x", [])).toBeUndefined();
});
