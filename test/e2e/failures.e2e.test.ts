import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { dataMissing, endAllSkyscan, temporaryDirectory } from "@skyscan/testing";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";

// Recos that crash, hang, talk nonsense, always fail: the scan completes with NaN and reasons, or says that nothing succeeds.

const temporary: (() => Promise<void>)[] = [];
async function fresh(reco: string, nsides: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Scanning> {
  const directory = await temporaryDirectory();
  temporary.push(() => directory.remove());
  return scanning(directory.path, { reco, nsides, env });
}

afterEach(endAllSkyscan);
afterAll(() => Promise.all(temporary.map((remove) => remove())));

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

describe.skipIf(dataMissing !== undefined)("failing recos", () => {
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

  test("a scan whose clients never come ends with status 3 and says that none ever came", async () => {
    const scan = await fresh("dummy", ["1:0"], { SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS: "2" });
    const end = await scan.server().ended;
    expect(end.status).toBe(3);
    expect(end.stderr).toContain("no client has ever come");
  });
});
