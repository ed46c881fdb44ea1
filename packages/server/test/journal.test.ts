import { appendFile, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ServerError } from "../src/errors.ts";
import { openJournal } from "../src/journal/journal.ts";
import type { Journal } from "../src/journal/journal.ts";
import { encodeRecord } from "../src/journal/records.ts";
import type { JournalRecord } from "../src/journal/records.ts";
import { frame } from "../src/journal/frames.ts";
import { planOf, resultOf, unit, upTo } from "./stand-ins.ts";

let directory: string;
let path: string;
const opened: Journal[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-journal-"));
  path = join(directory, "journal");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(opened.splice(0).map((journal) => journal.close()));
  await rm(directory, { recursive: true, force: true });
});

const run = (number: number): JournalRecord => ({ type: "run", run: number, host: "h", pid: 1 });

async function replayed(logger: Logger = silentLogger): Promise<{ records: JournalRecord[]; journal: Journal }> {
  const records: JournalRecord[] = [];
  const journal = await openJournal(path, (record) => void records.push(record), logger);
  opened.push(journal);
  return { records, journal };
}

async function written(...records: readonly JournalRecord[]): Promise<void> {
  const { journal } = await replayed();
  for (const record of records) journal.append(record);
  await journal.close();
}

/** The methods of real file handles, to see or to break them. */
async function fileMethods(): Promise<FileHandle> {
  const probe = await open(join(directory, "probe"), "w");
  const methods = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  return methods;
}

describe("a journal that is opened again", () => {
  test("replays what was appended, in order, and appends behind it", async () => {
    await written(run(1), planOf(1, upTo(12)), resultOf(unit(1, 3), 5));
    const second = await replayed();
    expect(second.records).toEqual([run(1), planOf(1, upTo(12)), resultOf(unit(1, 3), 5)]);
    second.journal.append(run(2));
    await second.journal.close();
    expect((await replayed()).records.at(-1)).toEqual(run(2));
  });

  test("leaves out what has the right checksum and is no record of this version, and says so", async () => {
    await written(run(1));
    await appendFile(path, Buffer.concat([frame(Uint8Array.of(2, 0xc0)), frame(Uint8Array.of(9)), frame(encodeRecord(run(2)))]));
    const warn = vi.fn();
    expect((await replayed({ ...silentLogger, warn })).records).toEqual([run(1), run(2)]);
    expect(warn).toHaveBeenCalledTimes(2);
  });

  test("cuts a torn tail off, says so, and goes on behind the last good record", async () => {
    await written(run(1), run(2));
    const size = (await stat(path)).size;
    await truncate(path, size - 1);
    const warn = vi.fn();
    const torn = await replayed({ ...silentLogger, warn });
    expect(torn.records).toEqual([run(1)]);
    expect(torn.journal.damaged).toBe(false);
    expect(warn.mock.calls.flat()).toContain("the journal ends in a torn record: cut off");
    torn.journal.append(run(3));
    await torn.journal.close();
    const after = await replayed();
    expect(after.records).toEqual([run(1), run(3)]);
    await after.journal.close();
  });

  test("resyncs behind damage in the middle, says so, and keeps the damaged bytes where they are", async () => {
    await written(run(1), run(2), run(3));
    const bytes = await readFile(path);
    const middle = frame(encodeRecord(run(1))).length + 15;
    bytes[middle] = bytes[middle]! ^ 0xff;
    await writeFile(path, bytes);
    const warn = vi.fn();
    const damaged = await replayed({ ...silentLogger, warn });
    expect(damaged.records).toEqual([run(1), run(3)]);
    expect(damaged.journal.damaged).toBe(true);
    expect(warn.mock.calls.flat()).toContainEqual({ path, stretches: 1 });
    await damaged.journal.close();
    expect((await stat(path)).size).toBe(bytes.length);
  });

  test("leaves out records of a later version", async () => {
    await written(run(1));
    await appendFile(path, frame(new Uint8Array([77, 1, 2, 3])));
    await appendFile(path, frame(encodeRecord(run(2))));
    const later = await replayed();
    expect(later.records).toEqual([run(1), run(2)]);
    await later.journal.close();
  });

  test("of a thousand results reads them all, over chunk boundaries", async () => {
    const results = upTo(20_000).map((pixel) => resultOf(unit(64, pixel), pixel));
    await written(...results);
    expect((await stat(path)).size).toBeGreaterThan(1024 * 1024);
    const { records, journal } = await replayed();
    expect(records).toEqual(results);
    await journal.close();
  });
});

describe("durability", () => {
  test("callbacks come in the order of the calls, each after its record is on disk", async () => {
    const { journal } = await replayed();
    const order: string[] = [];
    const sizes: number[] = [];
    const size = frame(encodeRecord(run(1))).length;
    await new Promise<void>((resolve) => {
      for (const step of upTo(3)) {
        journal.append(run(step + 1), () => order.push(`record ${step}`));
        journal.afterDurable(() => void order.push(`after ${step}`));
      }
      journal.afterDurable(() => {
        void stat(path).then((now) => {
          sizes.push(now.size);
          resolve();
        });
      });
    });
    expect(order).toEqual(["record 0", "after 0", "record 1", "after 1", "record 2", "after 2"]);
    expect(sizes).toEqual([3 * size]);
    await journal.close();
  });

  test("what was appended together is written together: one write, one fdatasync", async () => {
    const methods = await fileMethods();
    const appended = vi.spyOn(methods, "appendFile");
    const synced = vi.spyOn(methods, "datasync");
    const { journal } = await replayed();
    for (const pixel of upTo(500)) journal.append(resultOf(unit(64, pixel), 1));
    await journal.flush();
    expect([appended.mock.calls.length, synced.mock.calls.length]).toEqual([1, 1]);
    await journal.close();
  });

  test("nothing is durable before the fdatasync is done", async () => {
    const methods = await fileMethods();
    const durable = vi.fn();
    let seenBefore: number | undefined;
    vi.spyOn(methods, "datasync").mockImplementation(async function (this: FileHandle) {
      seenBefore = durable.mock.calls.length;
      await this.sync();
    });
    const { journal } = await replayed();
    journal.append(run(1), durable);
    await journal.flush();
    expect([seenBefore, durable.mock.calls.length]).toEqual([0, 1]);
    await journal.close();
  });

  test("with nothing to write, it is at once", async () => {
    const { journal } = await replayed();
    const durable = vi.fn();
    journal.afterDurable(durable);
    expect(durable).toHaveBeenCalledOnce();
    await journal.close();
  });

  test("what comes while a batch is on its way waits for the next", async () => {
    const { journal } = await replayed();
    const order: number[] = [];
    await new Promise<void>((resolve) => {
      journal.append(run(1), () => {
        order.push(1);
        journal.append(run(2), () => order.push(2));
        journal.afterDurable(() => {
          order.push(3);
          resolve();
        });
      });
    });
    expect(order).toEqual([1, 2, 3]);
    await journal.close();
    expect((await replayed()).records).toEqual([run(1), run(2)]);
  });
});

describe("a failed fdatasync", () => {
  const noSpace = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });

  test("is final: ServerError storage, never tried again, and nothing is durable any more", async () => {
    const methods = await fileMethods();
    const sync = vi.spyOn(methods, "datasync").mockRejectedValueOnce(noSpace);
    const { journal } = await replayed();
    const durable = vi.fn();
    journal.append(run(1), durable);
    const failure = await journal.failed.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServerError);
    expect(failure).toMatchObject({ code: "storage", message: `the journal ${path} cannot be written (ENOSPC)` });
    journal.append(run(2), durable);
    journal.afterDurable(durable);
    await expect(journal.flush()).rejects.toBe(failure);
    await journal.close();
    expect(sync).toHaveBeenCalledOnce();
    expect(durable).not.toHaveBeenCalled();
  });

  test("makes what had nothing to write wait for ever too", async () => {
    vi.spyOn(await fileMethods(), "datasync").mockRejectedValueOnce(noSpace);
    const { journal } = await replayed();
    journal.append(run(1));
    await journal.failed.catch(() => undefined);
    const durable = vi.fn();
    journal.afterDurable(durable);
    expect(durable).not.toHaveBeenCalled();
    await journal.close();
  });

  test("so is a failed write", async () => {
    vi.spyOn(await fileMethods(), "appendFile").mockRejectedValueOnce(noSpace);
    const { journal } = await replayed();
    journal.append(run(1));
    await expect(journal.flush()).rejects.toMatchObject({ code: "storage" });
    await journal.close();
  });
});

test("a journal that cannot be opened is ServerError storage, naming the file", async () => {
  path = join(directory, "missing", "journal");
  await expect(replayed()).rejects.toMatchObject({ code: "storage", message: expect.stringContaining(path) as unknown });
});
