import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { descendants, eventually } from "@skyscan/testing";
import { dummyScans, fitsTake } from "./dummy-scans.ts";
import { simulatedName } from "./events.ts";
import type { Scanning } from "./scanning.ts";

// A scan is stopped, by command and by signals, and started again.

const fresh = dummyScans();

const allGone = (pids: Iterable<number>): Promise<true> =>
  eventually("the processes are gone", () => ([...pids].some((pid) => existsSync(`/proc/${pid}/stat`)) ? undefined : true));

/** Resolves when a scan of local clients has done some fits; with all processes below it. */
async function atWork(scan: Scanning, pid: number, fits: number): Promise<ReadonlyMap<number, string>> {
  await scan.done(fits);
  const below = await descendants(pid);
  expect([...below.values()].filter((command) => command.includes(" client ")).length).toBeGreaterThan(0);
  expect([...below.values()].filter((command) => command.includes("dummy.mjs")).length).toBeGreaterThan(0);
  return below;
}

describe("skyscan status", () => {
  test("--stop: status 5; the same command goes on where it stopped, the client carries on; once more it only writes the same bytes", async () => {
    const scan = await fresh();
    const first = scan.server(...fitsTake("1"));
    const client = scan.client("--slots", "2");
    await scan.done(2);
    expect(await scan.status("--stop")).toMatchObject({ status: 0 });
    const end = await first.ended;
    expect(end.status).toBe(5);
    expect(end.stderr).toContain("same command");
    expect(await scan.manifest()).toMatchObject({ state: "stopped", preliminary: true });
    const done = (await scan.manifest())!.progress.tallies["total recos"];

    const second = scan.server(...fitsTake("1"));
    expect(await second.ended).toMatchObject({ status: 0 });
    expect(second.stderr).toMatch(new RegExp(`"done":${done},"msg":"scan goes on"`));
    const { stderr } = await client.ended;
    expect(stderr.match(/Joined the scan/g)).toHaveLength(1);
    const bytes = await scan.npz("2");

    const again = await scan.server(...fitsTake("1")).ended;
    expect(again).toMatchObject({ status: 0 });
    expect(again.stdout).toContain(`${simulatedName}_2.npz`);
    expect((await scan.npz("2")).equals(bytes)).toBe(true);
    expect(await scan.manifest()).toMatchObject({ state: "finished", preliminary: false, scan_metadata: { run: 2 } });
  });
});

describe("signals", () => {
  test("SIGTERM of a client in mid-fit: status 5, and another client completes the scan", async () => {
    const scan = await fresh({ nsides: ["1:0"] });
    const server = scan.server(...fitsTake("1"));
    const leaving = scan.client();
    await scan.done(1);
    leaving.kill("SIGTERM");
    expect(await leaving.ended).toMatchObject({ status: 5 });
    const client = scan.client("--slots", "12");
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(await scan.manifest()).toMatchObject({ failures: { "failed units": 0 }, counters: { failures: 0, workersLost: 0 } });
  });

  test("SIGINT of skyscan scan: status 5, and no process is left", async () => {
    const scan = await fresh();
    const running = scan.scan("--clients", "2", ...fitsTake("1"));
    const below = await atWork(scan, running.pid, 1);
    running.kill("SIGINT");
    const end = await running.ended;
    expect(end.status).toBe(5);
    expect(end.stderr).toContain("same command");
    await allGone(below.keys());
    // Two clients to the server, though they share a process.
    expect((await scan.manifest())!.workers).toMatchObject({ "ever seen": 2 });
    expect([...below.values()].filter((command) => command.includes(" client "))).toHaveLength(1);
  });

  test("kill -9 of skyscan scan: its clients and their recos leave by themselves, and the same command completes it", async () => {
    const scan = await fresh({ nsides: ["1:0"] });
    const running = scan.scan("--clients", "2", ...fitsTake("1"));
    const below = await atWork(scan, running.pid, 1);
    running.kill("SIGKILL");
    await running.ended;
    await allGone(below.keys());
    const again = await scan.scan("--clients", "2", ...fitsTake("1")).ended;
    expect(again).toMatchObject({ status: 0 });
    expect(await scan.manifest()).toMatchObject({ state: "finished", scan_metadata: { run: 2 } });
  });

  test("kill -9 of its clients: others take their place, and it completes", async () => {
    const scan = await fresh({ nsides: ["1:0"] });
    const running = scan.scan("--clients", "2", ...fitsTake("1"));
    const below = await atWork(scan, running.pid, 1);
    for (const [pid, command] of below) if (command.includes(" client ")) process.kill(pid, "SIGKILL");
    expect(await running.ended).toMatchObject({ status: 0 });
    expect((await scan.manifest())!.workers).toMatchObject({ "ever seen": 4 });
    await allGone(below.keys());
  });
});
