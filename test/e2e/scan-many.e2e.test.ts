import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dataMissing, dataPath, eventually, runSkyscan } from "@skyscan/testing";
import type { SkyscanProcess } from "@skyscan/testing";
import { bronze } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { manyScans } from "./many-scans.ts";
import type { ManyScans } from "./many-scans.ts";
import { scanAlone } from "./scan-alone.ts";

// Whole scans of many events as processes, over the embedded brokers of their servers, with clients that serve them all.

const freshDirectory = freshDirectories();
const nsides = ["1:0"];
const flags = ["--reco-algo", "dummy", "--nsides", ...nsides];

/** Simulated events in a directory of their own; returns a pattern for them. */
async function simulated(directory: string, count: number): Promise<string> {
  const events = join(directory, "events");
  const end = await runSkyscan(["simulate", "--events", String(count), "--kind", "track", "--seed", "1", "--output-dir", events]);
  expect(end).toMatchObject({ status: 0 });
  return join(events, "*.json");
}

/** The table's row of an event that is complete. */
const completedRow = /^\S+ +(done|skipped) +100.0 % +- +RA \d+\.\d+ dec -?\d+\.\d+ llh -?\d+\.\d+$/gm;

/** The result of one of many scans: its file's name, and its bytes. */
async function resultOf(scans: ManyScans, name: string): Promise<readonly [string, Buffer]> {
  const file = (await readdir(join(scans.output, name))).find((one) => one.endsWith(".npz"))!;
  return [file, await scans.npz("many", name, file)];
}

/** What many scans made of an event is, to the byte, what its scan alone makes of it. */
async function expectSame(scans: ManyScans, eventFile: string, name: string): Promise<void> {
  expect(await scans.single(eventFile, name).ended).toMatchObject({ status: 0 });
  const [file, bytes] = await resultOf(scans, name);
  expect(bytes.equals(await scans.npz("single", name, file)), name).toBe(true);
}

/** How many events it has told to be complete. */
const doneIn = ({ stderr }: SkyscanProcess): number => stderr.split('"status":0').length - 1;

test("20 events at once with two shared clients, killed in the middle and run again: each result is that of its single scan", async () => {
  const directory = await freshDirectory();
  const count = 20;
  const scans = manyScans(directory, { events: [await simulated(directory, count)], flags });
  const fleet = [scans.fleet("--slots", "2"), scans.fleet("--slots", "2")];
  const many = ["--parallel", String(count), "--skip-done"];
  const killed = scans.many(...many);
  await eventually("some are done", () => (doneIn(killed) >= 3 ? true : undefined));
  killed.kill("SIGKILL");
  await killed.ended;
  const last = await scans.many(...many).ended;
  expect(last).toMatchObject({ status: 0 });
  expect(last.stdout.match(completedRow)).toHaveLength(count);
  expect(last.stdout).toMatch(/ skipped /);
  for (const client of fleet) expect(await client.ended).toMatchObject({ status: 0 });
  for (let index = 1; index <= count; index += 1) {
    const name = `simulated-track-${index}`;
    const eventFile = join(directory, "events", `${name}.json`);
    const alone = await scanAlone({ directory: join(directory, "alone", name), eventFile, nsides });
    expect((await resultOf(scans, name))[1].equals(alone), name).toBe(true);
  }
});

describe.skipIf(dataMissing !== undefined)("real events", () => {
  test("of all kinds, stopped in the middle and run again: each result is that of its single scan", async () => {
    const directory = await freshDirectory();
    const events = [dataPath("events/*.json"), bronze];
    const scans = manyScans(directory, { events, flags: ["--reco-algo", "pandel_spe", "--nsides", "1:0"] });
    const stopped = scans.many("--parallel", "2", "--clients", "2");
    await eventually("one is done", () => (doneIn(stopped) >= 1 ? true : undefined));
    stopped.kill("SIGTERM");
    expect(await stopped.ended).toMatchObject({ status: 5 });
    expect(stopped.stderr).toContain("the same command goes on where it stopped");
    // As when it is killed before it has noted that a scan is complete: that scan's server does not tell of any progress again.
    const records = (await readdir(join(directory, "many-cache"), { recursive: true })).filter((file) =>
      file.endsWith("done.json"),
    );
    expect(records).not.toEqual([]);
    for (const record of records) await rm(join(directory, "many-cache", record));
    const last = await scans.many("--parallel", "4", "--clients", "2").ended;
    expect(last).toMatchObject({ status: 0 });
    const files = (await readdir(dataPath("events"))).filter((name) => !name.endsWith(".npz"));
    expect(last.stdout.match(completedRow)).toHaveLength(files.length);
    for (const file of files) {
      await expectSame(scans, dataPath(`events/${file}`), file.replace(/\.(json|pkl)$/, ""));
    }
  });
});

test("an event that cannot be scanned is reported at the end with its status, and stops no other", async () => {
  const directory = await freshDirectory();
  await simulated(directory, 2);
  await writeFile(join(directory, "events", "broken.json"), "{");
  // As a shell does with a pattern that is not quoted.
  const named = (await readdir(join(directory, "events"))).map((name) => join(directory, "events", name));
  const scans = manyScans(directory, { events: named, flags });
  const end = await scans.many("--parallel", "1", "--clients", "1").ended;
  expect(end.status).toBe(2);
  expect(end.stderr.match(/left out: the truth of simulated events/g)).toHaveLength(1);
  expect(end.stdout).toMatch(/^broken +failed/m);
  expect(end.stdout.match(/^simulated-track-\d +done/gm)).toHaveLength(2);
  expect(end.stderr).toMatch(/^broken: failed: .*broken\.json: no valid JSON/m);
  expect(end.stderr).toContain("2 of 3 events done, 1 failed");
});

test("what cannot be meant is said before anything is started: 2", async () => {
  const directory = await freshDirectory();
  const scans = manyScans(directory, { events: [join(directory, "none-*.json")], flags });
  const end = await scans.many().ended;
  expect(end.status).toBe(2);
  expect(end.stderr).toContain("none-*.json stands for no file");
  const wrong = await scans.many("--parallel", "0", "--metrics-port", "9000", "--listen", "0.0.0.0:5671").ended;
  expect(wrong.status).toBe(2);
  for (const flag of ["--parallel 0", "--metrics-port 9000", "--listen 0.0.0.0:5671"]) expect(wrong.stderr).toContain(flag);
});
