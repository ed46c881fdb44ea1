// What a client that is a process of its own hands on to its recos, and what becomes of them when it is killed: real processes.
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startClient } from "./client-process.ts";
import { createBench, isRunning } from "./fixture-reco.ts";
import type { Bench } from "./fixture-reco.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

test("a hung reco and its children die with a client that is killed with SIGKILL", async () => {
  const reco = await bench.oneshotReco(`trap '' TERM; sleep 1000 & echo $$ >> "$NOTES"; echo $! >> "$NOTES"; wait`);
  const client = await startClient(bench, reco);
  await expect.poll(async () => (await bench.notes()).length, { timeout: 30_000, interval: 20 }).toBe(2);
  const pids = (await bench.notes()).map(Number);
  client.kill("SIGKILL");
  await once(client, "exit");
  await expect.poll(async () => Promise.all(pids.map(isRunning)), { timeout: 10_000, interval: 10 }).toEqual([false, false]);
});

test("a reco gets neither the client's files nor anything in its environment because of them", async () => {
  const reco = await bench.oneshotReco("", {
    run: {
      command: [
        process.execPath,
        "-e",
        `require("fs").writeFileSync(process.env.NOTES, process.argv.slice(1).join(" ") + "\\n" +
      Object.keys(process.env).sort().join(" ") + "\\n" + require("fs").existsSync("/proc/self/fd/40") + "\\n")`,
        "a b",
        "$c",
      ],
    },
  });
  await once(await startClient(bench, reco), "exit");
  expect(await bench.notes()).toEqual([
    "a b $c",
    [
      "EWMS_TASK_DATA_HUB_DIR",
      "EWMS_TASK_INFILE",
      "EWMS_TASK_OUTFILE",
      ...["HOME", "LANG", "LC_ALL", "NOTES", "PATH", "SKYSCAN_SCRATCH", "SKYSCAN_SLOT", "SKYSCAN_STARTUP", "TMPDIR"],
    ].join(" "),
    "false",
  ]);
});
