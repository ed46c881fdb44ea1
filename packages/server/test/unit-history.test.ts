import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { frame } from "../src/journal/frames.ts";
import { encodeRecord } from "../src/journal/records.ts";
import type { JournalRecord } from "../src/journal/records.ts";
import { readUnitHistory } from "../src/report/unit-history.ts";
import { failureOf, planOf, resultOf, unit } from "./stand-ins.ts";

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), "skyscan-history-"))));
afterEach(() => rm(directory, { recursive: true, force: true }));

const write = (...records: readonly JournalRecord[]): Promise<void> =>
  writeFile(join(directory, "journal"), Buffer.concat(records.map((record) => frame(encodeRecord(record)))));

const begun: readonly JournalRecord[] = [
  { type: "header", journalVersion: 1, scanId: "scan-1", digest: "d", settings: { positionVariations: 2 } },
  { type: "run", run: 1, host: "h", pid: 1 },
  planOf(1, [4, 5]),
  { type: "worker", index: 0, worker: "host-a-1", host: "host-a" },
  { type: "worker", index: 1, worker: "host-b-1", host: "host-b" },
];

test("a unit's history is its seed, its failures, its result with who fitted it, and who won its pixel", async () => {
  await write(
    ...begun,
    { ...resultOf(unit(1, 4, 0), NaN), worker: 0 },
    { ...resultOf(unit(1, 4, 1), 7), worker: 1 },
    planOf(2, [16, 17], { nside: 1, pixel: 4 }),
    { ...failureOf(unit(2, 16, 0), 1), stderrTail: "no minimum" },
    { ...failureOf(unit(2, 17, 0), 1), stderrTail: "of another pixel" },
    { type: "dead", ...unit(2, 16, 0) },
    { type: "lost", ...unit(2, 16, 0), worker: "host-c-1" },
    { ...resultOf(unit(2, 16, 1), 3), worker: 0 },
    { ...resultOf(unit(2, 16, 0), 5), worker: 1 },
  );
  expect(await readUnitHistory(directory, "2/16/0")).toMatchObject({
    unit: "2/16/0",
    scanId: "scan-1",
    state: "done",
    attempt: 2,
    seed: { nside: 1, pixel: 4, best: { posvar: 1, llh: 7, worker: "host-b-1" } },
    failures: [{ attempt: 1, host: "host-a", code: "crashed", stderrTail: "no minimum" }],
    deadLetterArrivals: 1,
    workersLost: ["host-c-1"],
    result: { posvar: 0, llh: 5, worker: "host-b-1", host: "host-b" },
    variations: 2,
    winner: { posvar: 1, llh: 3, host: "host-a" },
  });
});

test("one that was given up says why; one that is open has neither", async () => {
  await write(...begun, { type: "gave-up", ...unit(1, 4, 0), code: "killed", message: "it takes its clients down" });
  expect(await readUnitHistory(directory, "1/4/0")).toMatchObject({
    state: "failed",
    seed: undefined,
    gaveUp: { code: "killed", message: "it takes its clients down" },
    winner: undefined,
  });
  expect(await readUnitHistory(directory, "1/4/1")).toMatchObject({ state: "open", result: undefined, gaveUp: undefined });
});

test("results of journals without workers are told without", async () => {
  await write(...begun, resultOf(unit(1, 4, 0), 7));
  expect((await readUnitHistory(directory, "1/4/0")).result).toMatchObject({ llh: 7, worker: undefined, host: undefined });
});

test.each([
  ["1/4", "units are nside/pixel/variation"],
  ["1/6/0", "planned are pixels of nside 1, with 2 variation(s) each"],
  ["1/4/2", "no unit 1/4/2 in scan-1"],
])("%s is refused in words", async (id, said) => {
  await write(...begun);
  await expect(readUnitHistory(directory, id)).rejects.toThrow(said);
});

test("a journal that is not there is named", async () => {
  await expect(readUnitHistory(directory, "1/4/0")).rejects.toThrow(join(directory, "journal"));
});
