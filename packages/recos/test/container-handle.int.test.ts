// What is done with a container through its engine, which a script stands in for here: a real one does not fail on demand.
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createContainerHandle } from "../src/container/container-handle.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-handle-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function standIn(script: string): Promise<string> {
  const executable = join(directory, "engine");
  await writeFile(executable, `#!/bin/sh\necho "$*" >> "${directory}/asked"\n${script}\n`);
  await chmod(executable, 0o755);
  return executable;
}
const asked = async (): Promise<readonly string[]> => (await readFile(join(directory, "asked"), "utf8")).trim().split("\n");

test("a container is removed by its name, and it is looked whether it is gone", async () => {
  const executable = await standIn("exit 0");
  expect(await createContainerHandle("box-1", { choice: { executable }, environment: {} }).remove()).toBeUndefined();
  expect(await asked()).toEqual(["kill --signal=SIGKILL box-1", "rm --force box-1", "ps --all --quiet --filter=name=^box-1$"]);
});

test("one that an engine was still making is removed by a later try", async () => {
  const executable = await standIn(
    `case $1 in ps) [ "$(grep -c ^ps "${directory}/asked")" -ge 3 ] || echo 0123 ;; rm) echo busy >&2; exit 1 ;; esac`,
  );
  expect(await createContainerHandle("box-1", { choice: { executable }, environment: {} }).remove()).toBeUndefined();
  expect((await asked()).filter((line) => line.startsWith("rm"))).toHaveLength(3);
});

test("one that stays is told with the engine's words", async () => {
  const executable = await standIn("case $1 in ps) echo 0123 ;; rm) echo device or resource busy >&2; exit 1 ;; esac");
  const problem = await createContainerHandle("box-1", { choice: { executable }, environment: {} }).remove();
  expect(problem).toBe("the container box-1 could not be removed: device or resource busy");
});

test("an engine that does not answer is not asked for ever", async () => {
  const executable = await standIn("exec sleep 1000");
  const handle = createContainerHandle("box-1", { choice: { executable }, environment: {}, limitMs: 300 });
  expect(await handle.remove()).toMatch(/^the container box-1 could not be removed/);
  expect(await asked()).toHaveLength(3);
  expect(await handle.signal("SIGTERM")).toBe(false);
});
