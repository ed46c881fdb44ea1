import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  descendants,
  eventually,
  rabbitmqMissing,
  repositoryPath,
  runSkyscan,
  startSkyscan,
  startRabbitmq,
} from "@skyscan/testing";
import type { Rabbitmq, SkyscanProcess } from "@skyscan/testing";
import { simulatedName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";

// A scan is asked, stopped, finished early, started again; clients come too late, with the wrong reco, with the wrong token.

const freshDirectory = freshDirectories();
async function fresh(options: { readonly nsides?: readonly string[]; readonly env?: Scanning["env"] } = {}): Promise<Scanning> {
  return scanning(await freshDirectory(), { reco: "dummy", nsides: ["2:0"], ...options });
}
const fitsTake = (sec: "0.01" | "0.1" | "1" | "3"): readonly string[] => ["--reco-option", `runtime=${sec}`];

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

const execute = promisify(execFile);

/** Asks over the broker, while the scan runs and to its end. */
async function overBroker(scan: Scanning, server: SkyscanProcess, client: SkyscanProcess): Promise<void> {
  const ask = (...more: readonly string[]): SkyscanProcess =>
    startSkyscan(["status", "--client-startup-json", scan.startup, ...more], { env: scan.env, cwd: "/" });
  const json = await ask("--json").ended;
  expect(JSON.parse(json.stdout)).toMatchObject({ state: "scanning", workers: { alive: 1, presence: "working" } });
  const watching = ask("--watch");
  await eventually("it is shown", () => (/^state +scanning$/m.test(watching.stdout) ? true : undefined));
  expect(await scan.status("--finish-now")).toMatchObject({ status: 0 });
  expect(await watching.ended).toMatchObject({ status: 0 });
  expect(await server.ended).toMatchObject({ status: 3 });
  expect(await client.ended).toMatchObject({ status: 0 });
  const after = await ask().ended;
  expect(after).toMatchObject({ status: 2, stdout: "" });
  expect(after.stderr).toContain("has ended");
}

describe("skyscan status", () => {
  test("asks a running server, and finishes it early; afterwards it shows the manifest with its age, and a late client leaves at once", async () => {
    const scan = await fresh();
    const server = scan.server(...fitsTake("3"));
    const client = scan.client();
    await scan.done(1);
    const people = await scan.status();
    expect(people).toMatchObject({ status: 0, stderr: "" });
    expect(people.stdout).toMatch(/^state +scanning$/m);
    expect(people.stdout).toMatch(/^workers +1 alive with 1 slots/m);
    expect(people.stdout).toMatch(/^time left +\d+:\d\d:\d\d$/m);
    const json = await scan.status("--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ state: "scanning", preliminary: true, workers: { alive: 1 } });
    const done = await scan.status("--json", "--unit", "2/0/0");
    expect(JSON.parse(done.stdout)).toMatchObject({ unit: "2/0/0", attempt: 1, failures: [], live: { asked: { pixel: 0 } } });
    const none = await scan.status("--unit", "2/999/0");
    expect(none).toMatchObject({ status: 2, stdout: "" });
    expect(none.stderr).toContain("2/999/0");

    expect(await scan.status("--finish-now")).toMatchObject({ status: 0 });
    const end = await server.ended;
    expect(end.status).toBe(3);
    expect(end.stderr).toContain("PRELIMINARY");
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(await scan.manifest()).toMatchObject({ state: "finished-early", preliminary: true });
    const partial = await runSkyscan(["result", "show", "--json", join(scan.directory, "out", `${simulatedName}_2.npz`)]);
    expect(JSON.parse(partial.stdout)).toMatchObject({ nsides: [{ nside: 2, complete: false }] });

    const after = await scan.status();
    expect(after.status).toBe(0);
    expect(after.stdout).toMatch(/^state +finished-early, from the manifest, \d+ s old; no server answers$/m);
    expect(await scan.status("--stop")).toMatchObject({ status: 2, stdout: "" });
    // The cache directory knows where its scans wrote their manifests.
    const elsewhere = await runSkyscan(["status", "--cache-dir", join(scan.directory, "cache"), "--json"], {
      cwd: scan.directory,
    });
    expect(JSON.parse(elsewhere.stdout)).toMatchObject({ state: "finished-early" });
    const fitted = await scan.status("--unit", "2/0/0");
    expect(fitted.stdout).toMatch(/^state +done$/m);
    expect(fitted.stdout).toMatch(/^seed +the event's own$/m);
    expect(fitted.stdout).toMatch(/^result +llh .* on \S+ \(\S+\); x /m);
    expect(fitted.stdout).toMatch(/^pixel +1 of 1 variations fitted; the winner is 0: llh /m);

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
    expect(again.stdout).toContain(`${simulatedName}_2.npz`);
    expect((await scan.npz("2")).equals(bytes)).toBe(true);
    expect(await scan.manifest()).toMatchObject({ state: "finished", preliminary: false, scan_metadata: { run: 2 } });
  });

  test("says that there is nothing to ask", async () => {
    const end = await (await fresh()).status();
    expect(end).toMatchObject({ status: 2, stdout: "" });
    expect(end.stderr).toContain("--cache-dir");
  });

  test("--watch draws over the last block on a terminal, and ends with the scan", async () => {
    const scan = await fresh({ nsides: ["1:0"] });
    const server = scan.server(...fitsTake("0.1"));
    await server.said("clients may start");
    const command = `${process.execPath} ${repositoryPath("packages/cli/bin/skyscan.js")} status --watch --cache-dir ${join(scan.directory, "cache")}`;
    const watching = execute("script", ["-qec", command, "/dev/null"], { env: { ...process.env, ...scan.env } });
    const lines = scan.status("--watch", "--json");
    const client = scan.client();
    expect(await server.ended).toMatchObject({ status: 0 });
    await client.ended;
    const blocks = (await watching).stdout.split("\u001b[H\u001b[J").slice(1);
    expect(blocks.length).toBeGreaterThan(1);
    expect(blocks.at(-1)).toMatch(/^state +finished, from the manifest/m);
    const states = (await lines).stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { state: string }).state);
    expect(states.at(-1)).toBe("finished");
  });

  test.each([
    [["--stop", "--finish-now"], "--stop and --finish-now exclude each other"],
    [["--watch", "--unit", "1/0/0"], "--watch and --unit exclude each other"],
    [["--client-startup-json", "x.json", "--stop"], "--stop does not go over the broker"],
    [["--client-startup-json", "x.json"], "no startup file at --client-startup-json x.json"],
    [["--unit", "1/0/0"], "no scan in --cache-dir"],
    [["--finish-now"], "--finish-now needs a running one"],
  ])("%j: 2, in words", async (flags, said) => {
    const end = await (await fresh()).status(...flags);
    expect(end).toMatchObject({ status: 2, stdout: "" });
    expect(end.stderr).toContain(said);
  });

  test("of several scans wants to know which; a unit that is none, or not planned, is named", async () => {
    const scan = await fresh({ nsides: ["1:0"], env: { SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS: "1" } });
    const idOf = async (server: SkyscanProcess): Promise<string> => {
      await server.ended;
      return (await scan.manifest())!.scan_metadata.scan_id;
    };
    const first = await idOf(scan.server());
    const second = await idOf(scan.server("--seed", "5"));
    const several = await scan.status("--unit", "1/0/0");
    for (const text of ["give --scan-id", first, second]) expect(several.stderr).toContain(text);
    const one = await scan.status("--scan-id", second, "--unit", "1/0/0");
    expect(one.stdout).toMatch(/^state +open; no server answers$/m);
    expect((await scan.status("--scan-id", second, "--unit", "1/0")).stderr).toContain("units are nside/pixel/variation");
    const finer = await scan.status("--scan-id", second, "--unit", "2/0/0");
    expect(finer.stderr).toContain("planned are pixels of nside 1, with 1 variation(s)");
    expect((await scan.status("--scan-id", "none")).stderr).toContain("no scan none: there is ");
  });

  test("over the embedded broker: asked as a client, from any directory; after the end it says that the scan has ended", async () => {
    const scan = await fresh();
    const server = scan.server(...fitsTake("3"));
    const client = scan.client();
    await scan.done(1);
    await overBroker(scan, server, client);
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

describe("a client", () => {
  test("whose copy of the reco differs leaves with 7 and says how to mend it; one whose token is wrong with 2, without showing it", async () => {
    const directory = await freshDirectory();
    const [ours, theirs] = [join(directory, "ours", "mine"), join(directory, "theirs", "mine")];
    for (const [copy, version] of [
      [ours, "1.0.0"],
      [theirs, "1.0.1"],
    ] as const) {
      await mkdir(copy, { recursive: true });
      await cp(repositoryPath("examples/reco-shell"), copy, { recursive: true });
      const manifest = JSON.parse(await readFile(join(copy, "reco.json"), "utf8")) as object;
      await writeFile(join(copy, "reco.json"), JSON.stringify({ ...manifest, name: "mine", version }));
    }
    const scan = scanning(directory, { reco: "mine", nsides: ["1:0"] });
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

describe.skipIf(rabbitmqMissing !== undefined)("over RabbitMQ", () => {
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
    expect(await broker.ctl("list_queues", "name", "--quiet")).not.toContain(simulatedName);
    expect(await broker.ctl("list_exchanges", "name", "--quiet")).not.toContain(simulatedName);
  });

  test("skyscan status asks over the broker; with the server stopped it says that the broker is there and the server is not", async () => {
    const env = { SKYSCAN_BROKER_ADDRESS: broker.url };
    const scan = await fresh({ env });
    const server = scan.server(...fitsTake("3"));
    const client = scan.client();
    await scan.done(1);
    server.kill("SIGSTOP");
    const silent = await runSkyscan(["status", "--client-startup-json", scan.startup], { env: scan.env });
    server.kill("SIGCONT");
    expect(silent.status).toBe(2);
    expect(silent.stderr).toContain("the broker is there, but the server");
    await overBroker(scan, server, client);
  });
});
