// What becomes of a client's scratch directory when its process is killed: real processes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryPath } from "@skyscan/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeScratch } from "../src/scratch.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "skyscan scratch-"));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

test("a client that is killed with SIGKILL leaves no scratch directory; what was there before stays", async () => {
  await mkdir(join(parent, "other"));
  const source = JSON.stringify(repositoryPath("packages/client/src/scratch.ts"));
  const script = `const { makeScratch } = await import(${source});
    const { writeFileSync } = await import("node:fs");
    const { path } = await makeScratch(${JSON.stringify(parent)});
    writeFileSync(path + "/file", "x");
    console.log(path);
    setInterval(() => undefined, 1000);`;
  const client = spawn(
    process.execPath,
    ["--import", "tsx", "--conditions=@skyscan/source", "--input-type=module", "-e", script],
    { cwd: repositoryPath(), stdio: ["ignore", "pipe", "inherit"] },
  );
  await once(client.stdout, "data");
  expect(await readdir(parent)).toHaveLength(2);
  client.kill("SIGKILL");
  await expect.poll(() => readdir(parent), { timeout: 10_000, interval: 20 }).toEqual(["other"]);
});

test("a scratch directory that is removed is gone", async () => {
  const scratch = await makeScratch(parent);
  await scratch.remove();
  expect(await readdir(parent)).toEqual([]);
});
