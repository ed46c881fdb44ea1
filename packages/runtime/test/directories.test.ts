import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UsageError, makeDirectory, makeFlagDirectory } from "../src/index.ts";

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "skyscan-test-"));
});
afterAll(() => rm(base, { recursive: true, force: true }));

test("a directory is made with all that is missing above it, and making it again is no error", async () => {
  const path = join(base, "a", "b", "c");
  await makeDirectory(path);
  await makeDirectory(path);
  expect((await stat(path)).isDirectory()).toBe(true);
});

test("a file in the way is an error", async () => {
  await writeFile(join(base, "file"), "");
  await expect(makeDirectory(join(base, "file"))).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeDirectory(join(base, "file", "x"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

test("one that a flag names is made, or the flag and the path are said to be wrong", async () => {
  const path = join(base, "of", "a flag");
  await makeFlagDirectory("--output-dir", path);
  expect((await stat(path)).isDirectory()).toBe(true);
  await writeFile(join(path, "file"), "");
  const wrong = makeFlagDirectory("--output-dir", join(path, "file", "x"));
  await expect(wrong).rejects.toThrow(UsageError);
  await expect(wrong).rejects.toThrow(`--output-dir ${join(path, "file", "x")} cannot be made`);
});

test("where nothing can be made it is an error, and does not try for ever", async () => {
  await expect(makeDirectory("/proc/skyscan-nothing/x")).rejects.toMatchObject({ code: "ENOENT" });
});

test("many that make directories below the same missing one all succeed", async () => {
  for (let round = 0; round < 50; round += 1) {
    const paths = Array.from({ length: 8 }, (_, index) => join(base, `round-${round}`, "b", String(index)));
    await Promise.all(paths.map((path) => makeDirectory(path)));
    for (const path of paths) expect((await stat(path)).isDirectory()).toBe(true);
  }
});
