import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { repositoryPath, runSkyscan } from "@skyscan/testing";
import type { SkyscanProcess } from "@skyscan/testing";
import { dummyScans, fitsTake } from "./dummy-scans.ts";
import { simulatedName } from "./events.ts";
import { askOverBroker } from "./status-over-broker.ts";

// A scan is asked while it runs and after, and finished early.

const fresh = dummyScans();
const execute = promisify(execFile);

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
    const wish = await scan.status("--finish-in", "1m");
    expect(wish.stdout).toMatch(/^finish in +0:01:00: \d+ clients with 1 slot each; now 1 client with 1 slots: \d+ more$/m);
    expect(wish.stdout).toMatch(/^ +\d+ fits of nside 2 x 3\.\d+ s = \d+ s of one slot$/m);
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
    await askOverBroker(scan, server, client);
  });
});
