import { BrokerError } from "@skyscan/broker";
import { UsageError } from "@skyscan/runtime";
import { describe, expect, test } from "vitest";
import { endOfError } from "../src/end-of-error.ts";
import { ServerError } from "../src/errors.ts";

const ofSystem = (code: string): Error => Object.assign(new Error(`${code}: no luck, write`), { code });

describe("what a server's status says of an error", () => {
  test.each([
    ["a flag that cannot be used", new UsageError("--nsides 7:0"), 2],
    ["another server on this scan", new ServerError("locked", "another server"), 2],
    ["a broker that is not there at the start", new BrokerError("unreachable", "nobody"), 2],
    ["a broker that did not come back", new BrokerError("lost", "gone"), 4],
    ["a journal that cannot be written", new ServerError("storage", "full", { cause: ofSystem("ENOSPC") }), 6],
    ["a full disk, wherever it was met", ofSystem("ENOSPC"), 6],
    ["a read-only disk behind another error", new UsageError("--cache-dir", { cause: ofSystem("EROFS") }), 6],
  ])("%s", (_, error, status) => {
    expect(endOfError(error)).toMatchObject({ status, files: [] });
  });

  test("nothing of what nobody foresaw: that is a bug", () => {
    expect(endOfError(new TypeError("undefined is not a function"))).toBeUndefined();
    expect(endOfError(ofSystem("ECONNRESET"))).toBeUndefined();
  });
});
