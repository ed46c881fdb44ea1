import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFleetDirectory } from "@skyscan/launcher";
import { temporaryDirectory } from "@skyscan/testing";

test("a fleet's directory is made with what is missing above it, and is one fleet's alone", async () => {
  const temporary = await temporaryDirectory();
  const directory = join(temporary.path, "logs", "skyscan-2026-11-22T08-00-00Z");
  expect(await makeFleetDirectory(directory)).toBe(true);
  expect(await makeFleetDirectory(directory)).toBe(false);
  await writeFile(join(temporary.path, "file"), "");
  await expect(makeFleetDirectory(join(temporary.path, "file", "skyscan"))).rejects.toThrow(
    /^--logs-directory: .* cannot be made/,
  );
  await temporary.remove();
});
