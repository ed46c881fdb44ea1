// The server's `prepare` step over real child processes.
import { readdir } from "node:fs/promises";
import { silentLogger } from "@skyscan/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runPrepare } from "../src/prepare.ts";
import type { Prepared } from "../src/prepare.ts";
import { createBench } from "./fixture-reco.ts";
import type { Bench } from "./fixture-reco.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

async function prepare(script: string, change: Record<string, unknown> = {}): Promise<Prepared | undefined> {
  const command = ["sh", "-c", script, "prepare", "{{INFILE}}", "{{OUTFILE}}"];
  const reco = await bench.oneshotReco("", { prepare: { command, ...change } });
  const { scratchDir } = bench;
  return runPrepare({
    reco,
    eventFile: "/events/e.json",
    isRealEvent: true,
    gcdDir: "/gcd",
    baselineGcdPath: "/staged/baseline.i3",
    scratchDir,
    logger: silentLogger,
    environment: process.env,
    grace: { termMs: 200, leaveMs: 200 },
  });
}

test("gives what the step wrote, from the event file as it was given, and leaves nothing behind", async () => {
  const prepared = await prepare(
    `echo "{\\"baseline_GCD_file\\":\\"$1\\",\\"GCDQp_packet\\":{\\"G\\":[1]},\\"seed\\":{\\"zM\\":-300},\\"x-mine\\":1}" > "$2"`,
  );
  expect(prepared).toEqual({
    baseline_GCD_file: "/events/e.json",
    GCDQp_packet: { G: [1] },
    seed: { xM: null, yM: null, zM: -300, timeNs: null, energyGeV: null },
    "x-mine": 1,
  });
  expect(await readdir(bench.scratchDir)).toEqual([]);
});

test("is told whether the event is real, and where baseline GCD files are", async () => {
  const prepared = await prepare(
    `printf '{"x-told":"%s %s %s"}' "$SKYSCAN_PREPARE_REAL_EVENT" "$SKYSCAN_PREPARE_GCD_DIR" "$SKYSCAN_PREPARE_BASELINE_GCD" > "$2"`,
  );
  expect(prepared).toEqual({ "x-told": "true /gcd /staged/baseline.i3" });
});

test("is nothing for a reco without such a step", async () => {
  const reco = await bench.oneshotReco("");
  const { scratchDir } = bench;
  const options = { isRealEvent: false, gcdDir: "/gcd", scratchDir, logger: silentLogger, environment: {} };
  expect(await runPrepare({ reco, eventFile: "/e", ...options })).toBeUndefined();
});

test.each([
  ["a status", `echo no splines >&2; exit 3`, /ended with status 3; its log ends: no splines/],
  ["no outfile", `true`, /left no outfile/],
  ["no JSON", `echo x > "$2"`, /is not JSON/],
  ["another key", `echo '{"broker":{}}' > "$2"`, /key "broker": unknown key; allowed: GCDQp_packet, baseline_GCD_file, seed/],
  ["a wrong seed", `echo '{"seed":{"xM":"1"}}' > "$2"`, /key "seed.xM"/],
])("fails with prepare-failed after %s", async (_what, script, message) => {
  await expect(prepare(script)).rejects.toMatchObject({ code: "prepare-failed", message: expect.stringMatching(message) });
});

test("fails when it takes longer than its own limit", async () => {
  await expect(prepare(`exec sleep 1000`, { timeoutSec: 0.3 })).rejects.toMatchObject({
    code: "prepare-failed",
    message: expect.stringContaining("did not end within 0.3 s"),
  });
});
