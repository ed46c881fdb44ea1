// A client that serves several scans.
import { readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeReply, scanQueues, writeMoreScans } from "@skyscan/protocol";
import { RecoError } from "@skyscan/recos";
import { describe, expect, test } from "vitest";
import type { FindReco } from "../src/local-reco.ts";
import { controlBytes, statusesOf } from "./messages.ts";
import { consuming, directory, makeScans, run, stop, writeStartup } from "./scan-directory.ts";
import type { Scan } from "./scan-directory.ts";

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
