import { describe, expect, test } from "vitest";
import { SkyscanError, UsageError, codeOf, messageOf } from "../src/index.ts";

class FamilyError extends SkyscanError<"lost" | "full"> {}
const noSpace = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });

describe("errors", () => {
  test("carry their family's name, a code, whether to try again, and their cause", () => {
    const error = new FamilyError("full", "the disk is full", { cause: noSpace, retryable: true });
    expect(error).toMatchObject({ name: "FamilyError", code: "full", retryable: true, cause: noSpace });
    expect(new FamilyError("lost", "x").retryable).toBe(false);
    expect(new FamilyError("lost", "x")).not.toHaveProperty("cause");
  });

  test("of usage hold every problem, one a line", () => {
    expect(new UsageError(["first", "second"])).toMatchObject({
      code: "usage",
      message: "first\nsecond",
      problems: ["first", "second"],
    });
    expect(new UsageError("only").problems).toEqual(["only"]);
  });

  test("tell their whole story, each part once", () => {
    expect(messageOf(new FamilyError("full", "cannot write", { cause: noSpace }))).toBe(
      "cannot write: ENOSPC: no space left on device",
    );
    expect(messageOf(new FamilyError("full", `cannot write (${noSpace.message})`, { cause: noSpace }))).toBe(
      `cannot write (${noSpace.message})`,
    );
    expect(messageOf(new AggregateError([new Error("a"), new Error("b")]))).toBe("a; b");
    expect([messageOf("text"), messageOf(undefined), messageOf(7)]).toEqual(["text", "undefined", "7"]);
  });

  test("tell the code of whoever has one, through their causes", () => {
    expect(codeOf(new FamilyError("lost", "x"))).toBe("lost");
    expect(codeOf(new Error("x", { cause: noSpace }))).toBe("ENOSPC");
    expect([codeOf(new Error("x")), codeOf("text"), codeOf(null), codeOf({ code: 5 })]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
