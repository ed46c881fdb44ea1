import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { simulatedName } from "./events.ts";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";
import { makeScriptedReco } from "./scripted-reco.ts";

// Recos that crash, hang, talk nonsense, always fail: the scan completes with NaN and reasons, or says that nothing succeeds.

const freshDirectory = freshDirectories();
async function fresh(reco: string, nsides: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Scanning> {
  return scanning(await freshDirectory(), { reco, nsides, env });
}

/** A reco that answers every unit with an error that another try might cure. */
async function alwaysFailing(directory: string): Promise<string> {
  const reco = join(directory, "recos", "always_fails");
  await mkdir(reco, { recursive: true });
  const manifest = {
    protocol: 1,
    name: "always_fails",
    version: "1.0.0",
    description: "Fails.",
    run: { mode: "oneshot", command: ["sh", "-c", "echo no luck >&2; exit 3"] },
  };
  await writeFile(join(reco, "reco.json"), JSON.stringify(manifest));
  return join(directory, "recos");
}

describe("failing recos", () => {
  test("a scan whose fits fail three times in ten completes; what failed every time is NaN with its reason", async () => {
    const scan = await fresh("crash_dummy", ["2:0"], { SKYSCAN_CRASH_DUMMY_PROBABILITY: "0.3", EWMS_PILOT_TASK_TIMEOUT: "5" });
    const server = scan.server();
    const client = scan.client("--slots", "16");
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
    const manifest = (await scan.manifest())!;
    expect(manifest.counters["failures"]).toBeGreaterThan(0);
    for (const unit of manifest.failures.list) {
      expect(unit.tries.length).toBeGreaterThanOrEqual(3);
      expect(unit.reason).not.toBe("");
    }
    expect(manifest.failures["failed units"]).toBe(manifest.failures.list.length);
  });

  test("a scan in which nothing can succeed ends with status 8 after its first 50 final outcomes, and says why", async () => {
    const scan = await fresh("always_fails", ["8:0"]);
    const recoPath = await alwaysFailing(scan.directory);
    const server = scan.server("--reco-path", recoPath);
    const client = scan.client("--slots", "16", "--reco-path", recoPath);
    const end = await server.ended;
    expect(end.status).toBe(8);
    expect(end.stderr).toContain("nothing succeeds");
    expect(end.stderr).toContain("crashed");
    expect(await client.ended).toMatchObject({ status: 0 });
    const manifest = (await scan.manifest())!;
    expect(manifest.state).toBe("nothing-succeeds");
    expect(manifest.failures["failed units"]).toBeLessThan(80);
    expect(manifest.failures.list[0]!.tries).toHaveLength(3);
  });

  test("a reco that crashes on one pixel: the scan completes, that pixel is NaN with reason and last words, every client is alive", async () => {
    const scan = await fresh("scripted", ["1:0"]);
    const crash = `if (line.unit === "1/5/0") { process.stderr.write("no ice below pixel 5\\n", () => process.exit(3)); } else answer(line);`;
    const { path } = await makeScriptedReco(scan.directory, crash);
    const server = scan.server("--reco-path", path);
    const clients = [scan.client("--reco-path", path), scan.client("--reco-path", path)];
    expect(await server.ended).toMatchObject({ status: 0 });
    for (const client of clients) expect(await client.ended).toMatchObject({ status: 0 });
    const manifest = (await scan.manifest())!;
    expect(manifest).toMatchObject({ state: "finished", counters: { failures: 3, workersLost: 0, workersToldToLeave: 0 } });
    expect(manifest.failures.list).toMatchObject([{ unit: "1/5/0", code: "crashed" }]);
    expect(manifest.failures.list[0]!.tries.map((one) => one["end of stderr"])).toEqual(
      Array(3).fill(expect.stringContaining("no ice below pixel 5")),
    );
    const result = JSON.parse(await readFile(join(scan.directory, "out", `${simulatedName}_1.json`), "utf8")) as Result;
    const nan = result["nside-1"]!.data.filter(([, llh]) => typeof llh !== "number").map(([pixel]) => pixel);
    expect([result["nside-1"]!.data.length, nan]).toEqual([12, [5]]);
    const history = await scan.status("--unit", "1/5/0");
    expect(history.stdout).toMatch(/^state +failed$/m);
    expect(history.stdout.match(/\| no ice below pixel 5/g)).toHaveLength(3);
  });

  test("one client of three has a broken reco: it must leave after five failures, again at its first when it comes back; the scan is unhurt", async () => {
    const scan = await fresh("scripted", ["4:0"]);
    const calm = join(scan.directory, "calm");
    const good = await makeScriptedReco(
      join(scan.directory, "good"),
      `await pause(existsSync(${JSON.stringify(calm)}) ? 1 : 400); answer(line);`,
    );
    const broken = await makeScriptedReco(
      join(scan.directory, "broken"),
      `process.stderr.write("libice.so: no such file\\n", () => process.exit(127));`,
    );
    const server = scan.server("--reco-path", good.path);
    const bad = scan.clientOn("bad", "--reco-path", broken.path);
    const others = ["one", "two"].map((host) => scan.clientOn(host, "--reco-path", good.path));
    const left = await bad.ended;
    expect(left.status).toBe(7);
    expect(left.stderr).toMatch(/told to leave: 5 failures in a row, while the other workers fail/);
    const seen = (await scan.status()).stdout;
    expect(seen).toMatch(/^host +bad: 5 failures, the last \S+ crashed: .*; told to leave 1 times$/m);
    expect(seen).toMatch(/\| libice.so: no such file/);
    const again = await scan.clientOn("bad", "--reco-path", broken.path).ended;
    expect(again.status).toBe(7);
    expect(again.stderr).toMatch(/told to leave: 6 failures in a row on bad, while the other hosts fail/);

    await writeFile(calm, "");
    expect(await server.ended).toMatchObject({ status: 0 });
    for (const other of others) expect(await other.ended).toMatchObject({ status: 0 });
    const manifest = (await scan.manifest())!;
    expect(manifest).toMatchObject({ failures: { "failed units": 0 }, counters: { failures: 6, workersToldToLeave: 2 } });
    expect(manifest.workers["by host"][0]).toMatchObject({
      host: "bad",
      failures: 6,
      "last failure": { code: "crashed", "end of stderr": expect.stringContaining("libice.so: no such file") as unknown },
    });
    expect(manifest.workers["by host"][0]!["told to leave"]).toHaveLength(2);
    const result = JSON.parse(await readFile(join(scan.directory, "out", `${simulatedName}_4.json`), "utf8")) as Result;
    expect(result["nside-4"]!.data.filter(([, llh]) => typeof llh === "number")).toHaveLength(192);
  }, 240_000);
});

describe("clients that are not there", () => {
  test("never came: at SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS status 3, and it says that no client has ever come", async () => {
    const scan = await fresh("dummy", ["1:0"], { SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS: "2" });
    const end = await scan.server().ended;
    expect(end.status).toBe(3);
    expect(end.stderr).toMatch(/nothing came for 2 s: no client has ever come \(limit SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS=2\)/);
    expect(await scan.manifest()).toMatchObject({ state: "timed-out", workers: { presence: "no-client" } });
  });

  test("were all killed: said within 35 s of the last beat, in log and manifest and at the end", async () => {
    const scan = await fresh("dummy", ["2:0"], { SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS: "33" });
    const server = scan.server("--reco-option", "runtime=3");
    const clients = [scan.client(), scan.client()];
    for (const client of clients) await client.said("Joined the scan");
    await scan.done(1);
    for (const client of clients) client.kill("SIGKILL");
    // No beat is later than this.
    const killedMs = performance.now();
    await server.said(/"presence":"all-gone","msg":"all 2 clients are gone: 2 lost \(no beat for 30 s\)"/, 60);
    const saidSec = (performance.now() - killedMs) / 1000;
    expect(saidSec).toBeLessThan(35);
    const end = await server.ended;
    expect(end.status).toBe(3);
    expect(end.stderr).toMatch(/nothing came for 3\d s: all 2 clients are gone: 2 lost/);
    expect(await scan.manifest()).toMatchObject({ state: "timed-out", workers: { presence: "all-gone" } });
  }, 180_000);
});

interface Result {
  readonly [nside: `nside-${number}`]: { readonly data: readonly (readonly unknown[])[] };
}
