import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSkymap, writeSkymapFiles } from "@skyscan/skymap";
import { flagWords } from "../src/flag-words.ts";
import { findDone, recordDone } from "../src/scan-many/done-record.ts";
import { findEvents } from "../src/scan-many/events.ts";
import type { ManyEvent } from "../src/scan-many/events.ts";
import { startLiveTable } from "../src/scan-many/live-table.ts";
import { shownRows, summaryLine, tableLines } from "../src/scan-many/rows.ts";
import type { ManyRow } from "../src/scan-many/rows.ts";

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), "skyscan-many-"))));
afterEach(() => rm(directory, { recursive: true, force: true }));

async function eventFiles(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(directory, name, ".."), { recursive: true });
    await writeFile(join(directory, name), "{}");
  }
}

const found = (...words: readonly string[]): ReturnType<typeof findEvents> =>
  findEvents({
    eventFiles: words.map((word) => join(directory, word)),
    cacheDir: join(directory, "cache"),
    outputDir: join(directory, "out"),
    clientStartupDir: join(directory, "startups"),
  });
const find = async (...words: readonly string[]): Promise<readonly ManyEvent[]> => (await found(...words)).events;

describe("the events of many scans", () => {
  test("are files and what patterns stand for, each once, without the truth that simulations write beside them", async () => {
    await eventFiles("b.json", "a.json", "a.truth.json", "c.pkl", "deep/d.json", "odd[1].json");
    const names = async (...words: readonly string[]): Promise<readonly string[]> =>
      (await find(...words)).map(({ name }) => name);
    expect(await names("*.json")).toEqual(["a", "b", "odd[1]"]);
    expect(await names("b.json", "*.json", "c.pkl", "**/d.json")).toEqual(["b", "a", "odd[1]", "c", "d"]);
    expect(await names("odd[1].json", "a.truth.json")).toEqual(["odd[1]", "a.truth"]);
  });

  test("are not the truth of others of them, also when a shell named all there is; one that is named alone is what it is", async () => {
    await eventFiles("a.json", "a.truth.json", "b.truth.json", "c.pkl");
    const { events, truths } = await found("a.json", "a.truth.json", "b.truth.json", "c.pkl");
    expect(events.map(({ name }) => name)).toEqual(["a", "b.truth", "c"]);
    expect(truths).toEqual([join(directory, "a.truth.json")]);
    expect(await found("*.json")).toMatchObject({ truths: [], events: [{ name: "a" }] });
  });

  test("have places of their own, also when files in different directories have the same name", async () => {
    await eventFiles("x/e.json", "y/e.json", "f.json");
    const events = await find("*/e.json", "f.json");
    expect(events[2]).toEqual({
      name: "f",
      eventFile: join(directory, "f.json"),
      cacheDir: join(directory, "cache", "f"),
      outputDir: join(directory, "out", "f"),
      clientStartupJson: join(directory, "startups", "f.json"),
    });
    expect(new Set(events.map(({ cacheDir }) => cacheDir)).size).toBe(3);
    expect((await find("y/e.json", "x/e.json")).map(({ name }) => name)).toEqual([events[1]!.name, events[0]!.name]);
  });

  test("that are not there are all named at once", async () => {
    await expect(find("none.json", "*.pkl")).rejects.toThrow(/none\.json stands for no file.*\*\.pkl stands for no file/s);
  });
});

/** Writes a result of these values, pixel by pixel, as a server does; returns its files. */
async function writeResult(...llh: readonly number[]): Promise<readonly string[]> {
  const column = (): Float64Array => new Float64Array(llh.length);
  const columns = { E_in: column(), E_tot: column(), X: column(), Y: column(), Z: column(), T: column() };
  const metadata = {
    complete: true,
    runId: 1,
    eventId: 2,
    eventType: "neutrino",
    mjd: 58000,
    isRealEvent: false,
    version: 1,
  } as const;
  const level = {
    nside: 1,
    metadata,
    columns: { ...columns, index: Float64Array.from(llh.keys()), llh: Float64Array.from(llh) },
  };
  const { npz, json } = await writeSkymapFiles(directory, createSkymap([level]), "e");
  return [npz, json];
}

test("an event was done when flags and event file are as they were and its result is there, whose best fit is told", async () => {
  await eventFiles("e.json");
  const [event] = (await find("e.json")) as [ManyEvent];
  const files = await writeResult(7, NaN, 5.5, 6);
  const best = { nside: 1, pixel: 2, llh: 5.5, raDeg: 225, decDeg: expect.closeTo(41.81, 2) as number };
  await mkdir(event.cacheDir, { recursive: true });
  expect(await findDone(event, ["--nsides=8:0"])).toBeUndefined();
  await recordDone(event, ["--nsides=8:0"], files);
  expect(await findDone(event, ["--nsides=8:0"])).toEqual({ files, best });
  expect(await findDone(event, ["--nsides=16:0"])).toBeUndefined();
  await writeFile(event.eventFile, "{ }");
  expect(await findDone(event, ["--nsides=8:0"])).toBeUndefined();
  await recordDone(event, ["--nsides=8:0"], files);
  await rm(files[1]!);
  expect(await findDone(event, ["--nsides=8:0"])).toBeUndefined();
  await recordDone(event, ["--nsides=8:0"], await writeResult(NaN, NaN));
  expect(await findDone(event, ["--nsides=8:0"])).toEqual({ files, best: undefined });
  await writeFile(files[0]!, "half a result");
  expect(await findDone(event, ["--nsides=8:0"])).toBeUndefined();
});

test("flags are written as they were meant", () => {
  expect(
    flagWords({ recoAlgo: "dummy", nsides: ["8:0", "64:12"], seed: -1, resume: false, insecure: true, container: undefined }),
  ).toEqual(["--reco-algo=dummy", "--nsides=8:0", "--nsides=64:12", "--seed=-1", "--no-resume", "--insecure"]);
});

describe("the table", () => {
  const row = (name: string, state: ManyRow["state"], more: Partial<ManyRow> = {}): ManyRow => ({
    name,
    state,
    snapshot: undefined,
    ...more,
  });
  const scanning = row("a", "scanning", {
    snapshot: {
      finalUnits: 30,
      predictedUnits: 120,
      secondsLeft: 90,
      workersAlive: 2,
      phase: "scanning",
    },
    best: { nside: 8, pixel: 1, llh: 881.294, raDeg: 46.871, decDeg: -3.412 },
  });

  test("says event, state, how much is done, the time left and the best fit so far", () => {
    expect(tableLines([scanning, row("longer name", "failed"), row("c", "done")])).toEqual([
      "event        state     done     left     best fit",
      "a            scanning  25.0 %   0:01:30  RA 46.87 dec -3.41 llh 881.29",
      "longer name  failed    -        -        -",
      "c            done      100.0 %  -        -",
    ]);
    expect(tableLines([{ ...scanning, snapshot: { ...scanning.snapshot!, workersAlive: 0 } }])[1]).toContain("no client");
  });

  test("that is longer than the screen shows what runs, what failed, what is next, then what is over, in its order", () => {
    const rows = [row("1", "done"), row("2", "failed"), scanning, row("4", "waiting"), row("5", "waiting")];
    expect(shownRows(rows, 3).map(({ name }) => name)).toEqual(["2", "a", "4"]);
    expect(shownRows(rows, 9)).toEqual(rows);
    expect(summaryLine(rows)).toBe("1 of 5 events done, 1 running, 2 waiting, 1 failed");
  });

  test("is drawn over itself on a terminal that is wide and high enough for it, and taken away at the end; nothing elsewhere", () => {
    const written: string[] = [];
    const terminal = { isTTY: true, rows: 6, columns: 20, write: (text: string) => written.push(text) > 0 };
    const rows = [scanning, row("b", "waiting"), row("c", "waiting")];
    startLiveTable(rows, terminal as unknown as NodeJS.WriteStream)?.stop();
    expect(written).toEqual([
      "event  state     do\na      scanning  25\nb      waiting   - \n0 of 3 events done,\n",
      "\u001b[4A\u001b[J",
    ]);
    expect(startLiveTable(rows, { ...terminal, isTTY: false } as unknown as NodeJS.WriteStream)).toBeUndefined();
  });
});
