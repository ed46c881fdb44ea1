import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { takeLockFile } from "../src/cache/lock-file.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-lock-"));
  path = join(directory, "lock");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const holder = async (more: { host?: string; pid?: number; startTicks?: string }): Promise<void> => {
  await (await takeLockFile(path, false)).release();
  await writeFile(path, JSON.stringify({ host: hostname(), pid: process.pid, startTicks: "1", ...more }));
};
const held = async (): Promise<unknown> => JSON.parse(await readFile(path, "utf8"));

describe("the lock of a scan", () => {
  test("is taken, says by whom, and is gone after its release", async () => {
    const lock = await takeLockFile(path, false);
    expect(await held()).toMatchObject({ host: hostname(), pid: process.pid });
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
  });

  test.each([false, true])("of a live process of this host is refused, naming it (take-over %s)", async (takeOver) => {
    const lock = await takeLockFile(path, false);
    await expect(takeLockFile(path, takeOver)).rejects.toMatchObject({
      code: "locked",
      message: expect.stringContaining(`process ${process.pid} on this host`) as unknown,
    });
    expect(await readdir(directory)).toEqual(["lock"]);
    await lock.release();
  });

  test("of a dead process of this host is replaced", async () => {
    await holder({ pid: 2 ** 22 + 1 });
    await (await takeLockFile(path, false)).release();
  });

  test("of a process whose pid another one has by now is replaced: the start time tells", async () => {
    await holder({ startTicks: "12" });
    await takeLockFile(path, false);
    expect(await held()).not.toMatchObject({ startTicks: "12" });
  });

  test("of another host is refused, saying what to do; with take-over it is replaced", async () => {
    await holder({ host: "elsewhere", pid: 77 });
    await expect(takeLockFile(path, false)).rejects.toMatchObject({
      code: "locked",
      message: expect.stringMatching(/host elsewhere \(process 77\).*--take-over/) as unknown,
    });
    expect(await held()).toMatchObject({ host: "elsewhere" });
    await takeLockFile(path, true);
    expect(await held()).toMatchObject({ host: hostname() });
  });

  test.each(["", "nonsense", "null", "[]", "{}"])("that is damaged (%j) is nobody's", async (content) => {
    await writeFile(path, content);
    await takeLockFile(path, false);
    expect(await held()).toMatchObject({ pid: process.pid });
  });

  test.each(["free", "a dead process's", "damaged"])(
    "goes to exactly one of many that start at once when it is %s",
    async (state) => {
      if (state === "a dead process's") await holder({ startTicks: "12" });
      if (state === "damaged") await writeFile(path, "nonsense");
      const tries = await Promise.allSettled(Array.from({ length: 20 }, () => takeLockFile(path, false)));
      expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await readdir(directory)).toEqual(["lock"]);
    },
  );

  test("that cannot be made is a storage error", async () => {
    await expect(takeLockFile(join(directory, "missing", "lock"), false)).rejects.toMatchObject({ code: "storage" });
  });
});
