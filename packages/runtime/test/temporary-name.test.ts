import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startTicksOf, sweepTemporaryNames, temporaryName } from "../src/index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-names-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** As this process would name it, were it another one. */
const nameOf = (pid: number, host?: string): string => {
  const words = basename(temporaryName(join(directory, "a.npz"))).split(".");
  words[words.length - 3] = String(pid);
  words[words.length - 2] = randomBytes(8).toString("hex");
  if (host !== undefined) words[words.length - 4] = host;
  return words.join(".");
};
const deadPid = 2 ** 22 + 1;

test("what a dead process of this host left half-written is removed, and what this process's pid left before it", async () => {
  await writeFile(join(directory, nameOf(deadPid)), "half");
  await mkdir(join(directory, nameOf(deadPid)), { recursive: true });
  await writeFile(join(directory, nameOf(process.pid)), "half");
  await sweepTemporaryNames(directory);
  expect(await readdir(directory)).toEqual([]);
});

test.runIf(startTicksOf(process.pid) !== undefined)("what one left that is dead and not yet reaped is removed", async () => {
  // The shell becomes a program that reaps nobody; before, it would.
  const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const unreaped = Number(line.toString());
    await expect.poll(() => readFile(`/proc/${parent.pid}/comm`, "utf8"), { interval: 5 }).toBe("sleep\n");
    process.kill(unreaped, "SIGKILL");
    await expect.poll(() => startTicksOf(unreaped), { interval: 5 }).toBe(undefined);
    expect(process.kill(unreaped, 0)).toBe(true);
    await writeFile(join(directory, nameOf(unreaped)), "half");
    await sweepTemporaryNames(directory);
    expect(await readdir(directory)).toEqual([]);
  } finally {
    parent.kill();
  }
});

test("what belongs to this or another live process, to another host or to somebody else stays", async () => {
  const mine = basename(temporaryName(join(directory, "a.npz")));
  const names = [mine, nameOf(process.ppid), nameOf(deadPid, "elsewhere"), `.a.npz.${deadPid}.tmp`, "a.npz", ".hidden.tmp"];
  for (const name of names) await writeFile(join(directory, name), "x");
  await sweepTemporaryNames(directory);
  expect((await readdir(directory)).sort()).toEqual([...names].sort());
});

test("a directory that is not there is no trouble", async () => {
  await sweepTemporaryNames(join(directory, "none"));
});
