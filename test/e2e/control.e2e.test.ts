import { existsSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  dataMissing,
  endAllSkyscan,
  eventually,
  rabbitmqMissing,
  repositoryPath,
  runSkyscan,
  startRabbitmq,
  temporaryDirectory,
} from "@skyscan/testing";
import type { Rabbitmq } from "@skyscan/testing";
import { descendants } from "./descendants.ts";
import { bronzeName, scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";

// A scan is asked, stopped, finished early, started again; clients come too late, with the wrong reco, with the wrong token.

const temporary: (() => Promise<void>)[] = [];
async function fresh(options: { readonly nsides?: readonly string[]; readonly env?: Scanning["env"] } = {}): Promise<Scanning> {
  const directory = await temporaryDirectory();
  temporary.push(() => directory.remove());
  return scanning(directory.path, { reco: "dummy", nsides: ["2:0"], ...options });
}
const fitsTake = (sec: "0.01" | "0.1" | "1" | "3"): readonly string[] => ["--reco-option", `runtime=${sec}`];

afterEach(endAllSkyscan);
afterAll(() => Promise.all(temporary.map((remove) => remove())));

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

describe.skipIf(dataMissing !== undefined)("skyscan status", () => {
  test("asks a running server, and finishes it early; afterwards it shows the manifest with its age, and a late client leaves at once", async () => {
    const scan = await fresh();
    const server = scan.server(...fitsTake("3"));
    const client = scan.client();
    await scan.done(1);
    const people = await scan.status();
    expect(people).toMatchObject({ status: 0, stderr: "" });
    expect(people.stdout).toMatch(/^state +scanning$/m);
    expect(people.stdout).toMatch(/^workers +1 alive with 1 slots/m);
    const json = await scan.status("--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ state: "scanning", preliminary: true, workers: { alive: 1 } });
    const done = await scan.status("--unit", "2/0/0");
    expect(JSON.parse(done.stdout)).toMatchObject({ unit: "2/0/0", attempt: 1, failures: [] });
    const none = await scan.status("--unit", "2/999/0");
    expect(none).toMatchObject({ status: 2, stdout: "" });
    expect(none.stderr).toContain("2/999/0");

    expect(await scan.status("--finish-now")).toMatchObject({ status: 0 });
    const end = await server.ended;
    expect(end.status).toBe(3);
    expect(end.stderr).toContain("PRELIMINARY");
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(await scan.manifest()).toMatchObject({ state: "finished-early", preliminary: true });
    const partial = await runSkyscan(["result", "show", "--json", join(scan.directory, "out", `${bronzeName}_2.npz`)]);
    expect(JSON.parse(partial.stdout)).toMatchObject({ nsides: [{ nside: 2, complete: false }] });

    const after = await scan.status();
    expect(after.status).toBe(0);
    expect(after.stdout).toMatch(/^state +finished-early, from the manifest, \d+ s old; no server answers$/m);
    expect(await scan.status("--stop")).toMatchObject({ status: 2, stdout: "" });

    expect(JSON.parse(await readFile(scan.startup, "utf8"))).toMatchObject({ ended: true });
    const late = await scan.client().ended;
    expect(late.status).toBe(0);
    expect(late.stderr).toContain("ended before this client came");
  }, 240_000);

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
    expect(again.stdout).toContain(`${bronzeName}_2.npz`);
    expect((await scan.npz("2")).equals(bytes)).toBe(true);
    expect(await scan.manifest()).toMatchObject({ state: "finished", preliminary: false, scan_metadata: { run: 2 } });
  });

  test("says that there is nothing to ask", async () => {
    const end = await (await fresh()).status();
    expect(end).toMatchObject({ status: 2, stdout: "" });
    expect(end.stderr).toContain("--cache-dir");
  });
});

describe.skipIf(dataMissing !== undefined)("signals", () => {
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
});

describe.skipIf(dataMissing !== undefined)("a client", () => {
  test("whose copy of the reco differs leaves with 7 and says how to mend it; one whose token is wrong with 2, without showing it", async () => {
    const directory = await temporaryDirectory();
    temporary.push(() => directory.remove());
    const [ours, theirs] = [join(directory.path, "ours", "mine"), join(directory.path, "theirs", "mine")];
    for (const [copy, version] of [
      [ours, "1.0.0"],
      [theirs, "1.0.1"],
    ] as const) {
      await mkdir(copy, { recursive: true });
      await cp(repositoryPath("examples/reco-shell"), copy, { recursive: true });
      const manifest = JSON.parse(await readFile(join(copy, "reco.json"), "utf8")) as object;
      await writeFile(join(copy, "reco.json"), JSON.stringify({ ...manifest, name: "mine", version }));
    }
    const scan = scanning(directory.path, { reco: "mine", nsides: ["1:0"] });
    const server = scan.server("--reco-path", join(ours, ".."));
    await server.said("clients may start");

    const other = await scan.client("--reco-path", join(theirs, "..")).ended;
    expect(other.status).toBe(7);
    for (const text of ["mine 1.0.1", "mine 1.0.0", "SKYSCAN_RECO_PATH"]) expect(other.stderr).toContain(text);
    const without = await scan.client().ended;
    expect(without.status).toBe(7);
    expect(without.stderr).toContain('no reco "mine"');

    const wrong = await runSkyscan(["client", "--client-startup-json", scan.startup, "--reco-path", join(ours, "..")], {
      env: { ...scan.env, SKYSCAN_BROKER_AUTH: "not-the-token" },
    });
    expect(wrong).toMatchObject({ status: 2, stdout: "" });
    expect(wrong.stderr).toContain("token");
    expect(wrong.stderr).not.toContain("not-the-token");

    const right = scan.client("--reco-path", join(ours, ".."));
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await right.ended).toMatchObject({ status: 0 });
  });
});

describe.skipIf(dataMissing !== undefined || rabbitmqMissing !== undefined)("over RabbitMQ", () => {
  let broker: Rabbitmq;
  beforeAll(async () => {
    broker = await startRabbitmq();
  });
  afterAll(() => broker.stop());

  test("scan-clean lists and removes what a killed server left, and leaves a running scan alone", async () => {
    const env = { SKYSCAN_BROKER_ADDRESS: broker.url };
    const [dead, alive] = [await fresh({ env, nsides: ["1:0"] }), await fresh({ env, nsides: ["1:0"] })];
    const [killed, running] = [dead.server(), alive.server()];
    await Promise.all([killed.said("clients may start"), running.said("clients may start")]);
    killed.kill("SIGKILL");
    await killed.ended;
    const clean = (
      scan: Scanning,
      ...more: readonly string[]
    ): Promise<{ readonly status: number | null; readonly stdout: string }> =>
      runSkyscan(["scan-clean", "--cache-dir", join(scan.directory, "cache"), ...more], {
        env: { ...scan.env, SKYSCAN_LOG: "warn" },
      });

    const listed = await clean(dead);
    expect(listed.status).toBe(0);
    for (const queue of ["to-clients-", "from-clients-", "dead-", "workers-"]) expect(listed.stdout).toContain(queue);
    const removed = await clean(dead, "--remove");
    expect(removed.stdout).toContain("removed");
    expect((await clean(dead)).stdout).toContain("nothing is left behind");
    expect((await clean(alive, "--remove")).stdout).toContain("left alone");

    const client = alive.client();
    expect(await running.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(await broker.ctl("list_queues", "name", "--quiet")).not.toContain(bronzeName);
    expect(await broker.ctl("list_exchanges", "name", "--quiet")).not.toContain(bronzeName);
  });
});
