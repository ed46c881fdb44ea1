import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseForeignJson } from "../src/index.ts";

const nested = (depth: number, inside = "1"): string => `${"[".repeat(depth)}${inside}${"]".repeat(depth)}`;

describe("JSON that others wrote", () => {
  test("is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(parseForeignJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test("nested deeper than 64 is refused, by lists or by objects, at any depth that a stack could not hold", () => {
    expect(parseForeignJson(nested(64, `"${"x".repeat(200)}"`))).toBeDefined();
    expect(() => parseForeignJson(nested(65))).toThrow(/nested more than 64 deep/);
    expect(() => parseForeignJson(nested(1_000_000))).toThrow(SyntaxError);
    expect(() => parseForeignJson(`${'{"a":'.repeat(65)}1${"}".repeat(65)}`)).toThrow(SyntaxError);
  });

  test("brackets within texts are no nesting, whatever is escaped before them", () => {
    const brackets = "[{".repeat(100);
    for (const text of [brackets, `\\${brackets}`, `"${brackets}`, `\\\"${brackets}`, `${brackets}\\`]) {
      expect(parseForeignJson(JSON.stringify([text, text]))).toEqual([text, text]);
    }
  });

  test("that breaks off is refused after one pass", () => {
    expect(() => parseForeignJson(`["${'\\"'.repeat(500_000)}`)).toThrow(SyntaxError);
    expect(() => parseForeignJson(`["${"\\".repeat(500_001)}`)).toThrow(SyntaxError);
  });
});
