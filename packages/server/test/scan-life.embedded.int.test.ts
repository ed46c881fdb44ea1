// Runs real scans in this process over the embedded broker; the clients are played by hand.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readStartupFile } from "@skyscan/protocol";
import { levelOf, readSkymapFile } from "@skyscan/skymap";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { askStatus } from "../src/cache/status-socket.ts";
import { openDesk } from "./scan-by-hand.ts";
import type { ScanDesk } from "./scan-by-hand.ts";
import { failureFor, recoIdentity, resultFor } from "./deliveries.ts";
import { upTo } from "./stand-ins.ts";

const name = "run00000007.evt000000000042.neutrino";
vi.setConfig({ testTimeout: 30_000 });
let desk: ScanDesk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());
const output = (file: string): string => join(desk.directory, "out", file);

describe("a scan to its end", () => {
  test("0; result and manifest stand, END is broadcast, the startup file says ended, the queues are gone", async () => {
    const scan = desk.start({ nsides: ["1:0", "2:2"] });
    const client = await desk.client(await scan.startup);
    client.answerAll((unit) => (unit.payload.nside === 1 ? unit.payload.pixel : -unit.payload.pixel));
    const end = await scan.end;
    expect(end).toMatchObject({ status: 0, why: "the scan is complete" });
    expect(end.files[0]).toBe(output(`${name}_1_2.npz`));
    await client.until(() => client.control.some(({ type }) => type === "end"));
    expect(client.control.at(-1)).toMatchObject({ type: "end", run: 1 });
    expect(await readStartupFile(desk.startupPath)).toMatchObject({ ended: true });
    const skymap = await readSkymapFile(output(`${name}_1_2.npz`));
    expect([...levelOf(skymap, 1)!.columns.index]).toEqual(upTo(12));
    expect(await desk.manifest()).toMatchObject({ state: "finished", complete: true, preliminary: false });
    expect(existsSync(output(`${name}.scan-manifest.json`))).toBe(true);
    expect(new Set(client.seen.map(({ unit }) => unit)).size).toBe(client.seen.length);
  });

  test("the same command again writes the result again, without any client", async () => {
    const first = desk.start();
    (await desk.client(await first.startup)).answerAll();
    await first.end;
    expect(await desk.start({ outputDir: join(desk.directory, "again") }).end).toMatchObject({
      status: 0,
      why: "the scan was complete already: its result is written again",
    });
    expect(await readdir(join(desk.directory, "again"))).toContain(`${name}_1.npz`);
  });

  test("the best region goes first, seeded by the best fit of the coarser pixel", async () => {
    const scan = desk.start({ nsides: ["1:0", "2:1"] });
    const client = await desk.client(await scan.startup);
    client.answerAll(
      (unit) => (unit.payload.pixel === 6 ? -1 : 0),
      (unit) => unit.payload.nside === 2,
    );
    const work = await client.next();
    expect(work.payload.seed).toEqual({ xM: 3, yM: 4, zM: 5, timeNs: 6, energyGeV: null });
    client.answerAll();
    expect(await scan.end).toMatchObject({ status: 0 });
  });

  test("below threshold 1.0 the next nside begins before the coarser one is done", async () => {
    const scan = desk.start({ nsides: ["2:0", "4:2"], predictiveScanningThreshold: 0.5 });
    const client = await desk.client(await scan.startup);
    await client.until(() => client.held.length === 48);
    for (const work of client.held.slice(0, 24)) await work.answer(resultFor(work.unit, work.payload.pixel));
    await client.until(() => client.seen.some(({ payload }) => payload.nside === 4));
    expect(client.held.some(({ payload }) => payload.nside === 2)).toBe(true);
    client.answerAll();
    expect(await scan.end).toMatchObject({ status: 0 });
  });
});

describe("a scan that ends early", () => {
  test("finish-now: 3, with the partial result marked preliminary; END is broadcast", async () => {
    const scan = desk.start();
    const client = await desk.client(await scan.startup);
    const work = await client.next();
    await work.answer(resultFor(work.unit));
    expect(await askStatus(await desk.socket(), { ask: "finish-now" })).toEqual({ ok: true });
    expect(await scan.end).toMatchObject({ status: 3, why: expect.stringContaining("PRELIMINARY") as unknown });
    await client.until(() => client.control.some(({ type }) => type === "end"));
    expect(await desk.manifest()).toMatchObject({ state: "finished-early", complete: false, preliminary: true });
    expect(await readStartupFile(desk.startupPath)).toMatchObject({ ended: true });
    expect((await readSkymapFile(output(`${name}_1.npz`))).levels[0]!.metadata).toMatchObject({ complete: false });
  });

  test("nothing from anybody for the time limit: 3, saying that no client has ever come", async () => {
    const scan = desk.start({}, { SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS: "0.5" });
    expect(await scan.end).toMatchObject({ status: 3, why: expect.stringContaining("no client has ever come") as unknown });
    expect(await desk.manifest()).toMatchObject({ state: "timed-out", preliminary: true });
  });

  test("clients that are there but send nothing more: 3, saying so", async () => {
    const scan = desk.start({}, { SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS: "1" });
    await desk.client(await scan.startup);
    expect(await scan.end).toMatchObject({
      status: 3,
      why: expect.stringContaining("clients are here but send nothing (1 client with") as unknown,
    });
  });

  test("the first 50 that are decided all failed: 8, with the reasons", async () => {
    const scan = desk.start({ nsides: ["8:0"] });
    const client = await desk.client(await scan.startup);
    let answered = 0;
    void client.until(() => {
      for (const work of [...client.held]) {
        answered += 1;
        void work.answer(failureFor(work.unit, 1, { retry: false, message: "no tables" })).catch(() => undefined);
      }
      return false;
    });
    const end = await scan.end;
    expect(end).toMatchObject({ status: 8 });
    expect(end.why).toMatch(/nothing succeeds: the first \d+ units that were decided all failed\n {2}\d+ x crashed: no tables/);
    expect(answered).toBeLessThan(150);
    await client.until(() => client.control.some(({ type }) => type === "end"));
    expect((await desk.manifest()).failures["by code"]["crashed"]).toBeGreaterThanOrEqual(50);
  });

  test("every client left because its recos cannot start: 8", async () => {
    const scan = desk.start();
    const client = await desk.client(await scan.startup);
    client.beat({ state: "goodbye", why: "cannot start", whyCode: "start-failed" });
    expect(await scan.end).toMatchObject({ status: 8, why: expect.stringContaining("all 1 clients left") as unknown });
  });

  test("stopped by a signal: 5, resumable: clients are told nothing, and the startup file stands", async () => {
    const scan = desk.start();
    const client = await desk.client(await scan.startup);
    const work = await client.next();
    await work.answer(resultFor(work.unit));
    scan.stop();
    expect(await scan.end).toMatchObject({ status: 5, why: expect.stringContaining("this is safe") as unknown });
    expect(client.control).toEqual([]);
    expect(await readStartupFile(desk.startupPath)).toMatchObject({ ended: false });
    expect(await desk.manifest()).toMatchObject({ state: "stopped", preliminary: true });
  });

  test("stopped while replies pour in: the last manifest has all that the same command finds done", async () => {
    const scan = desk.start({ nsides: ["8:0"] });
    const client = await desk.client(await scan.startup);
    client.answerAll(undefined, () => client.seen.length > 100);
    await client.until(() => client.held.length >= 200);
    scan.stop();
    // One at a time, so that some come at every moment of the ending.
    for (const work of [...client.held]) {
      await Promise.race([work.answer(resultFor(work.unit)).catch(() => undefined), scan.end]);
    }
    expect(await scan.end).toMatchObject({ status: 5 });
    const done = (await desk.manifest()).progress.tallies["total recos"];
    const again = desk.start({ nsides: ["8:0"] });
    expect((await again.said("scan goes on")).fields).toMatchObject({ done });
  });
});

describe("workers", () => {
  test("that come late with another reco are told to leave; others are not", async () => {
    const scan = desk.start();
    const startup = await scan.startup;
    await desk.client(startup, "host-a-1");
    const bad = await desk.client(startup, "host-b-1", { versions: { protocol: 1, package: "0.1.0", reco: recoIdentity } });
    await bad.until(() => bad.control.length > 0);
    expect(bad.control).toMatchObject([
      { type: "leave", worker: "host-b-1", why: expect.stringContaining("not the server's") as unknown },
    ]);
  });

  test("that fail what others do are told to leave, once", async () => {
    const scan = desk.start({ nsides: ["4:0"] });
    const startup = await scan.startup;
    const good = await desk.client(startup, "host-a-1");
    await good.until(() => good.held.length >= 50);
    for (const work of good.held.slice(0, 40)) await work.answer(resultFor(work.unit));
    await good.until(() => good.held.length >= 20);
    for (const work of good.held.slice(0, 12)) await work.answer(failureFor(work.unit), { worker: "host-b-1", host: "host-b" });
    await good.until(() => good.control.length > 0);
    expect(good.control).toMatchObject([
      { type: "leave", worker: "host-b-1", why: expect.stringContaining("failures in a row") as unknown },
    ]);
  });

  test("and everything else can be asked for over the socket and over the broker", async () => {
    const scan = desk.start();
    const client = await desk.client(await scan.startup);
    const work = await client.next();
    await work.answer(failureFor(work.unit, 1, { message: "no minimum" }));
    const again = await client.work(work.unit);
    await again.answer(resultFor(work.unit, 5, 2));
    const socket = await desk.socket();
    expect(await askStatus(socket, { ask: "status" })).toMatchObject({ state: "scanning", counters: { failures: 1 } });
    expect(await askStatus(socket, { ask: "unit", unit: work.unit })).toMatchObject({
      state: "done",
      attempt: 2,
      seededBy: "the event's own seed",
      pixelBest: { llh: 5 },
      failures: [{ host: "host-a", message: "no minimum" }],
    });
    expect(await askStatus(socket, { ask: "unit", unit: "64/0/0" })).toMatchObject({ error: expect.any(String) as unknown });
    expect(await askStatus(socket, { ask: "stop" })).toEqual({ ok: true });
    expect(await scan.end).toMatchObject({ status: 5 });
  });
});
