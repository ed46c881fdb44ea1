import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "@skyscan/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readStartupFile, writeStartupFile } from "../src/index.ts";
import { startup } from "./samples.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-startup-"));
  path = join(directory, "client-startup.json");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("the startup file", () => {
  test("comes back as it was written, with a reco's own keys, and leaves nothing beside it", async () => {
    const own = { ...startup, "x-tables": { spline: "a" } };
    await writeStartupFile(path, own);
    expect(await readStartupFile(path)).toEqual(own);
    expect(await readdir(directory)).toEqual(["client-startup.json"]);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(own);
  });

  test("that is not there is undefined", async () => {
    expect(await readStartupFile(path)).toBeUndefined();
  });

  test.each([
    ["half of it", JSON.stringify(startup).slice(0, 100), /is not JSON/],
    ["nothing", "", /is not JSON/],
    ["a list", "[]", /client-startup\.json: /],
    [
      "nesting without end",
      JSON.stringify(startup).replace('"…"', `${"[".repeat(1e5)}${"]".repeat(1e5)}`),
      /is not JSON that can be read/,
    ],
    ["another version", JSON.stringify({ ...startup, version: 2 }), /version: /],
    ["no broker", JSON.stringify({ ...startup, broker: undefined }), /broker: /],
    ["a broker without a name", JSON.stringify({ ...startup, broker: { ...startup.broker, client: "" } }), /broker\.client: /],
    ["a queue name with a slash", JSON.stringify({ ...startup, mq_basename: "../x" }), /mq_basename: 1 to 200 of the characters/],
    ["a scan id that is another directory", JSON.stringify({ ...startup, scan_id: ".." }), /scan_id: .*not \. or \.\. alone/],
    ["a queue name that is a directory", JSON.stringify({ ...startup, mq_basename: "." }), /mq_basename: /],
    [
      "pulses that are none",
      JSON.stringify({ ...startup, event: { ...startup.event, doms: [{ string: 1 }] } }),
      /event\.doms\.0\.om/,
    ],
  ])("with %s is refused, naming the file and the key", async (_, content, message) => {
    await writeFile(path, content);
    const error = await readStartupFile(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(path);
    expect((error as UsageError).message).toMatch(message);
  });

  test("larger than any can be is refused before it is read", async () => {
    await writeFile(path, "");
    await truncate(path, 2 ** 40);
    await expect(readStartupFile(path)).rejects.toThrow(/larger than/);
  });

  test("that is a directory is refused", async () => {
    await expect(readStartupFile(directory)).rejects.toThrow(/cannot be read/);
  });
});
