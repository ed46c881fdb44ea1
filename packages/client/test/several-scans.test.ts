// A client that serves several scans, over stand-in brokers with stand-in runners; the servers' side is in the test's hands.
import { mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeReply, scanQueues, writeMoreScans, writeStartupFile } from "@skyscan/protocol";
import type { StartupFile } from "@skyscan/protocol";
import { RecoError } from "@skyscan/recos";
import { silentLogger } from "@skyscan/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ClientContext, ClientOptions } from "../src/client-options.ts";
import type { ClientEnd } from "../src/ending.ts";
import type { FindReco, LocalRecoOptions } from "../src/local-reco.ts";
import { runClient } from "../src/run-client.ts";
import { controlBytes, outcomesOf, recoIdentity, startupOf, statusesOf, workBytes, workUnit } from "./messages.ts";
import { createStandInBroker } from "./stand-in-broker.ts";
import type { StandInBroker } from "./stand-in-broker.ts";
import { createStandInRunners } from "./stand-in-runner.ts";
import type { OpenFit, StandInRunners } from "./stand-in-runner.ts";

let directory: string;
let stop: AbortController;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-client-test-"));
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await rm(directory, { recursive: true, force: true });
});

/** One scan: its broker and its runners. */
interface Scan {
  readonly name: string;
  readonly path: string;
  readonly broker: StandInBroker;
  readonly runners: StandInRunners;
  /** Slots for which a runner was made, in that order. */
  readonly made: number[];
  readonly asked: LocalRecoOptions[];
  put(pixels: readonly number[]): void;
  fit(pixel: number, nth?: number): Promise<OpenFit>;
  readonly answered: readonly string[];
  finish(): void;
}

async function makeScans(names: readonly string[], more: Partial<StartupFile> = {}): Promise<readonly Scan[]> {
  const scans = names.map((name): Scan => {
    const broker = createStandInBroker(scanQueues(name).work);
    const runners = createStandInRunners();
    return {
      name,
      path: join(directory, `${name}.json`),
      broker,
      runners,
      made: [],
      asked: [],
      put(pixels) {
        for (const pixel of pixels) broker.put(workBytes([workUnit(pixel)], { scan: name }));
      },
      fit: (pixel, nth) => runners.fit(`1/${pixel}/0`, nth),
      get answered() {
        return outcomesOf(broker.published(scanQueues(name).replies)).map(({ unit }) => unit);
      },
      finish: () => broker.broadcast(controlBytes({ type: "end" }, name)),
    };
  });
  for (const scan of scans) await writeStartup(scan, more);
  return scans;
}

const writeStartup = ({ name, path }: Scan, more: Partial<StartupFile> = {}): Promise<void> =>
  writeStartupFile(
    path,
    startupOf({ scan_id: name, mq_basename: name, broker: { client: "embedded", address: name, tokenFile: null }, ...more }),
  );

function run(
  scans: readonly Scan[],
  options: Partial<ClientOptions> = {},
  context: Partial<ClientContext> = {},
): Promise<ClientEnd> {
  const byName = new Map(scans.map((scan) => [scan.name, scan]));
  const findReco: FindReco = (startup, asked) => {
    const scan = byName.get(startup.scan_id)!;
    scan.asked.push(asked);
    const createRunner = (slot: number) => {
      scan.made.push(slot);
      return scan.runners.make();
    };
    return Promise.resolve({ ...recoIdentity, threads: 1, createRunner });
  };
  const openBroker: NonNullable<ClientContext["openBroker"]> = async (resolve) =>
    byName.get((await resolve()).address)!.broker.broker;
  return runClient(
    { startupPaths: [directory], waitForStartupSec: 0, slots: 2, scratchDir: join(directory, ".scratch"), ...options },
    { logger: silentLogger, signal: stop.signal, force: stop.signal, environment: {}, findReco, openBroker, ...context },
  );
}

const consuming = ({ broker }: Scan): Promise<void> => broker.until(() => broker.prefetch > 0);

test("a client consumes from one scan, and opens the next when slots have been idle; never more fits than slots; at last 0", async () => {
  const [a, b] = (await makeScans(["a", "b"])) as [Scan, Scan];
  const client = run([a, b], { debugDirectory: join(directory, ".debug") });
  await consuming(a);
  expect(b.asked).toEqual([]);
  a.put([0, 1, 2]);
  const first = await a.fit(0);
  const second = await a.fit(1);
  expect(a.runners.fits).toHaveLength(2);
  first.result();
  const third = await a.fit(2);
  second.result();
  // One slot is idle now: the next scan has it, and no more.
  b.put([0, 1]);
  const other = await b.fit(0);
  expect(b.broker.prefetch).toBe(1);
  third.result();
  const last = await b.fit(1);
  other.result();
  await b.broker.until(() => b.broker.ended.length === 1);
  last.result();
  await b.broker.until(() => b.broker.ended.length === 2);
  expect([a.answered, b.answered]).toEqual([
    ["1/0/0", "1/1/0", "1/2/0"],
    ["1/0/0", "1/1/0"],
  ]);
  expect([...a.asked, ...b.asked].map(({ scratchDir }) => scratchDir.split("/").at(-1))).toEqual(["a", "b"]);
  expect([...a.asked, ...b.asked].map(({ debugDirectory }) => debugDirectory)).toEqual(
    ["a", "b"].map((name) => join(directory, ".debug", name)),
  );
  a.finish();
  b.finish();
  expect(await client).toMatchObject({ status: 0 });
  expect(await readdir(join(directory, ".scratch"))).toEqual([]);
});

test("where two scans have work for all slots, one goes on, and what has not begun of the other goes back to the broker", async () => {
  const [a, b] = (await makeScans(["a", "b"])) as [Scan, Scan];
  const client = run([a, b]);
  await consuming(a);
  await consuming(b);
  a.put([0, 1]);
  const fits = [await a.fit(0), await a.fit(1)];
  b.put([0, 1]);
  await b.broker.until(() => b.broker.ended.length === 2);
  expect(b.broker.ended.map(({ how }) => how)).toEqual(["requeue", "requeue"]);
  expect([b.broker.prefetch, b.broker.waiting, b.broker.out]).toEqual([0, 2, 0]);
  expect(b.runners.fits).toEqual([]);
  await b.broker.until(() => statusesOf(b.broker.unconfirmed(scanQueues("b").workers)).at(-1)?.slots === 0);
  // It is the only one with work now.
  for (const fit of fits) fit.result();
  (await b.fit(0)).result();
  (await b.fit(1)).result();
  a.finish();
  await b.broker.until(() => b.broker.ended.length === 4);
  b.finish();
  expect(await client).toMatchObject({ status: 0 });
});

test("what has not begun here because another scan has the slots, another client gets", async () => {
  const [a, b] = (await makeScans(["a", "b"])) as [Scan, Scan];
  const client = run([a, b], { slots: 1 });
  await consuming(a);
  await consuming(b);
  a.put([0]);
  await a.fit(0);
  b.put([0]);
  await b.broker.until(() => b.broker.ended.length === 1);
  expect(b.broker.ended[0]?.how).toBe("requeue");
  const other = run([b], { startupPaths: [b.path], slots: 1 });
  (await b.fit(0)).result();
  await b.broker.until(() => b.broker.ended.length === 2);
  const [first, second] = new Set(statusesOf(b.broker.unconfirmed(scanQueues("b").workers)).map(({ worker }) => worker));
  expect(first).not.toBe(second);
  expect(decodeReply(b.broker.published(scanQueues("b").replies)[0]!).worker).toBe(second);
  stop.abort();
  expect([await client, await other]).toMatchObject([{ status: 5 }, { status: 5 }]);
});

test("before another scan's fit begins at a slot, the reco process that waits there is ended", async () => {
  const [a, b] = (await makeScans(["a", "b"])) as [Scan, Scan];
  const client = run([a, b], { slots: 1 });
  await consuming(a);
  a.put([0]);
  (await a.fit(0)).result();
  b.put([0]);
  const fit = await b.fit(0);
  expect([a.runners.closed, b.runners.closed]).toEqual([1, 0]);
  fit.result();
  a.put([1]);
  (await a.fit(1)).result();
  expect([a.runners.closed, b.runners.closed]).toEqual([1, 1]);
  expect(a.made).toEqual([0, 0]);
  stop.abort();
  expect(await client).toMatchObject({ status: 5 });
});

test("a startup file that comes into the directory later is found; those of ended scans, and files that are none, are passed over", async () => {
  const [a, b, over] = (await makeScans(["a", "b", "over"])) as [Scan, Scan, Scan];
  await writeStartup(over, { ended: true });
  await rename(b.path, join(directory, ".later"));
  await writeFile(join(directory, "fleet.json"), "{}");
  const client = run([a, b, over]);
  await consuming(a);
  await rename(join(directory, ".later"), b.path);
  b.put([0]);
  (await b.fit(0)).result();
  a.finish();
  await b.broker.until(() => b.broker.ended.length === 1);
  b.finish();
  expect(await client).toMatchObject({ status: 0 });
  expect(over.asked).toEqual([]);
});

test("when all scans of a directory have ended, another one is waited for as long as the first was", async () => {
  const [a, b] = (await makeScans(["a", "b"])) as [Scan, Scan];
  await rename(b.path, join(directory, ".later"));
  const client = run([a, b], { waitForStartupSec: 3600 });
  await consuming(a);
  a.finish();
  await a.broker.until(() => a.broker.closed);
  await rename(join(directory, ".later"), b.path);
  await consuming(b);
  stop.abort();
  expect(await client).toMatchObject({ status: 5 });
});

test("who fills a directory says whether more scans will come: that long it is waited for them, and no longer", async () => {
  const [a, b] = (await makeScans(["a", "b"])) as [Scan, Scan];
  await Promise.all([rename(a.path, join(directory, ".a")), rename(b.path, join(directory, ".b"))]);
  await writeMoreScans(directory, true);
  const client = run([a, b]);
  for (const [scan, hidden] of [
    [a, ".a"],
    [b, ".b"],
  ] as const) {
    await rename(join(directory, hidden), scan.path);
    await consuming(scan);
    scan.finish();
    await scan.broker.until(() => scan.broker.closed);
  }
  await writeMoreScans(directory, false);
  expect(await client).toMatchObject({ status: 0 });
});

describe("a scan that sends the client away", () => {
  test("is left out, and the others go on: 0 at their end", async () => {
    const [a, b] = (await makeScans(["a", "b"])) as [Scan, Scan];
    const client = run([a, b]);
    await consuming(a);
    const { worker } = statusesOf(a.broker.unconfirmed(scanQueues("a").workers))[0]!;
    a.broker.broadcast(controlBytes({ type: "leave", worker, why: "its fits fail" }, "a"));
    await a.broker.until(() => a.broker.closed);
    b.put([0]);
    (await b.fit(0)).result();
    await b.broker.until(() => b.broker.ended.length === 1);
    b.finish();
    expect(await client).toMatchObject({ status: 0 });
  });

  test("7 when all did", async () => {
    const scans = await makeScans(["a", "b"]);
    const missing: FindReco = () => Promise.reject(new RecoError("unknown-reco", "there is none"));
    expect(await run(scans, {}, { findReco: missing })).toMatchObject({ status: 7 });
  });
});

test("3 when nothing came from any of them for the idle limit", async () => {
  const scans = await makeScans(["a", "b"]);
  const end = await run(scans, {}, { environment: { SKYSCAN_MQ_CLIENT_TIMEOUT_WAIT_FOR_FIRST_MESSAGE: "2" } });
  expect(end).toEqual({ status: 3, why: "no work came at all for 2 s from any of 2 scans" });
});
