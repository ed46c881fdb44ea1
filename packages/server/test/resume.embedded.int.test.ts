// Runs real scans in this process over the embedded broker; the clients are played by hand. A resumed server gives its clients five seconds to say what they hold.
import { open, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { readSkymapFile } from "@skyscan/skymap";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { failureFor, resultFor } from "./deliveries.ts";
import { openDesk } from "./scan-by-hand.ts";
import type { ScanDesk } from "./scan-by-hand.ts";

vi.setConfig({ testTimeout: 30_000 });
let desk: ScanDesk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const eventDirectory = (): string => join(desk.directory, "cache", "run00000007.evt000000000042.neutrino");

/** A scan whose first server has these pixels' results and failures, and was stopped. */
async function interrupted(
  done: readonly number[],
  failed: readonly number[] = [],
  more: Parameters<ScanDesk["start"]>[0] = {},
): Promise<void> {
  const scan = desk.start(more);
  const client = await desk.client(await scan.startup);
  for (const pixel of done) await (await client.work(`1/${pixel}/0`)).answer(resultFor(`1/${pixel}/0`, 100 + pixel));
  for (const pixel of failed) await (await client.work(`1/${pixel}/0`)).answer(failureFor(`1/${pixel}/0`));
  scan.stop();
  expect(await scan.end).toMatchObject({ status: 5 });
  await client.close();
}

describe("the same command again", () => {
  test("publishes exactly what is neither done nor held; what is held comes when its worker is gone; failures still count", async () => {
    await interrupted([0, 1, 2], [3]);
    const scan = desk.start();
    const startup = await scan.startup;
    const holding = [
      { unit: "1/4/0", elapsedSec: 5 },
      { unit: "1/5/0", elapsedSec: 0 },
      { unit: "1/0/0", elapsedSec: 1 },
    ];
    const holder = await desk.client(startup, "host-b-1", { state: "working", holding });
    const client = await desk.client(startup, "host-a-1");
    const line = await scan.said("recovered: what is neither done nor held goes out");
    expect(line.fields).toMatchObject({ held: 2, open: 7 });
    const all = (): string[] => [...client.seen, ...holder.seen].map(({ unit }) => unit);
    client.answerAll();
    holder.answerAll();
    // A result that the other had under way is taken, though an earlier run asked for it.
    await holder.reply([resultFor("1/4/0", 1)], { run: 1 });
    holder.beat({ state: "goodbye" });
    expect(await scan.end).toMatchObject({ status: 0 });
    expect(all().sort()).toEqual(["1/10/0", "1/11/0", "1/3/0", "1/5/0", "1/6/0", "1/7/0", "1/8/0", "1/9/0"]);
    expect([...client.seen, ...holder.seen].find(({ unit }) => unit === "1/3/0")).toMatchObject({
      attempt: 2,
      avoid: ["host-a"],
    });
    const [first] = [...client.messages, ...holder.messages];
    expect(first).toMatchObject({ run: 2, scan: startup.scan_id });
    const skymap = await readSkymapFile(join(desk.directory, "out", "run00000007.evt000000000042.neutrino_1.npz"));
    expect([...skymap.levels[0]!.columns.llh.slice(0, 5)]).toEqual([100, 101, 102, 3, 1]);
  });

  test("keeps scan id, queues, port and token: clients carry on, and what they answered meanwhile is not asked again", async () => {
    const first = desk.start();
    const before = await first.startup;
    const token = await readFile(before.broker.tokenFile!, "utf8");
    const client = await desk.client(before);
    await client.until(() => client.held.length === 12);
    await client.held[0]!.answer(resultFor(client.held[0]!.unit));
    first.stop();
    await first.end;
    const second = desk.start();
    client.answerAll();
    const after = await second.startup;
    expect(after).toEqual(before);
    expect(await readFile(after.broker.tokenFile!, "utf8")).toBe(token);
    expect(await second.end).toMatchObject({ status: 0 });
    expect(client.seen).toHaveLength(12);
    expect(await desk.manifest()).toMatchObject({ scan_metadata: { scan_id: before.scan_id, run: 2 } });
  });

  test("of which the journal's header is damaged keeps its id: clients and queues are still those of this scan", async () => {
    const first = desk.start();
    const { scan_id: scanId } = await first.startup;
    first.stop();
    await first.end;
    const [digest] = await readdir(eventDirectory());
    const journal = await open(join(eventDirectory(), digest!, "journal"), "r+");
    await journal.write(Buffer.alloc(60, 7), 0, 60, 20);
    await journal.close();
    const second = desk.start();
    expect((await second.startup).scan_id).toBe(scanId);
    (await desk.client(await second.startup)).answerAll();
    expect(await second.end).toMatchObject({ status: 0 });
  });

  test("--no-resume refuses, saying what to do; with --discard it begins anew under another id, and the old journal is kept", async () => {
    await interrupted([0]);
    const [digest] = await readdir(eventDirectory());
    expect(await desk.start({ resume: false }).end).toMatchObject({
      status: 2,
      why: expect.stringMatching(/--no-resume: .*journal holds an earlier try.*--discard/) as unknown,
    });
    const anew = desk.start({ resume: false, discard: true });
    const { scan_id: scanId } = await anew.startup;
    const client = await desk.client(await anew.startup);
    client.answerAll();
    expect(await anew.end).toMatchObject({ status: 0 });
    expect(client.seen).toHaveLength(12);
    const files = await readdir(join(eventDirectory(), digest!));
    expect(files.filter((file) => file.startsWith("journal.discarded-"))).toHaveLength(1);
    expect(scanId).toMatch(/^run00000007\.evt000000000042\.neutrino-dummy-1-[0-9a-f]{8}$/);
  });

  test("with other settings stands beside the first, and says so", async () => {
    await interrupted([0]);
    const other = desk.start({ nsides: ["2:0"] });
    await other.said("this event has scans with other settings in the cache: this one stands beside them");
    const client = await desk.client(await other.startup);
    client.answerAll();
    expect(await other.end).toMatchObject({ status: 0 });
    expect(client.seen).toHaveLength(48);
    expect(await readdir(eventDirectory())).toHaveLength(2);
  });
});

test("a second server on the same scan: 2, naming the holder; the first is not disturbed", async () => {
  const first = desk.start();
  const client = await desk.client(await first.startup);
  expect(await desk.start().end).toMatchObject({
    status: 2,
    why: expect.stringContaining(`another server (process ${process.pid} on this host) works on this scan`) as unknown,
  });
  client.answerAll();
  expect(await first.end).toMatchObject({ status: 0 });
});

describe("input that cannot be used: 2, with every problem at once, and nothing written", () => {
  test.each([
    [{ predictiveScanningThreshold: 0, nsides: ["7:0"], recoAlgo: "nonsense" }, [/threshold 0 .* 0.1 to 1.0/, /7:0/, /nonsense/]],
    [{ eventFile: "/nowhere/event.json" }, [/--event-file \/nowhere\/event.json: there is no such file/]],
    [{ realEvent: true }, [/--real-event: run id 7 is out of range/]],
    [{ recoOptions: { runtime: "7" } }, [/runtime/]],
    [{ listen: { host: "0.0.0.0", port: 0, tlsCertFile: undefined, tlsKeyFile: undefined, insecure: false } }, [/--insecure/]],
  ])("%j", async (request, problems) => {
    const { status, why, files } = await desk.start(request).end;
    expect([status, files]).toEqual([2, []]);
    for (const problem of problems) expect(why).toMatch(problem);
    expect(await readdir(desk.directory)).not.toContain("client-startup.json");
  });

  test("SKYSCAN_SKYDRIVER_ADDRESS is an error, never ignored; a scan id of other characters is too", async () => {
    expect(await desk.start({}, { SKYSCAN_SKYDRIVER_ADDRESS: "http://x" }).end).toMatchObject({
      status: 2,
      why: expect.stringContaining("not supported yet") as unknown,
    });
    expect(await desk.start({}, { SKYSCAN_SKYDRIVER_SCAN_ID: "a b" }).end).toMatchObject({
      status: 2,
      why: expect.stringContaining("SKYSCAN_SKYDRIVER_SCAN_ID=a b is not allowed") as unknown,
    });
    // What was refused leaves nothing that a later start would have to discard.
    const scan = desk.start({ resume: false }, { SKYSCAN_SKYDRIVER_SCAN_ID: "given-id" });
    expect(await scan.startup).toMatchObject({ scan_id: "given-id", mq_basename: "given-id" });
  });
});
