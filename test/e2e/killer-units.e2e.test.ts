import { afterEach, describe, test } from "vitest";
import { endAllSkyscan } from "@skyscan/testing";
import { scanWithKiller } from "./killer-units.ts";

afterEach(endAllSkyscan);

describe("over the embedded broker", () => {
  test("a unit that kills each client that draws it is given up after six, what was fitted beside it is not, and the scan completes", async () => {
    await scanWithKiller({});
  }, 300_000);
});
