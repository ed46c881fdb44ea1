// What a client that is a process of its own hands on to its recos, and what becomes of them when it is killed: real processes.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryPath } from "@skyscan/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Reco } from "../src/manifest/manifest-file.ts";
import { createBench, isRunning } from "./fixture-reco.ts";
import type { Bench } from "./fixture-reco.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

/** A process that runs one unit, with a stray file as its number 40. */
async function startClient(reco: Reco): Promise<ChildProcess> {
  const script = join(bench.directory, "client.mts");
  const source = JSON.stringify(repositoryPath("packages/recos/src"));
  await writeFile(
    script,
    `const { createRunner } = await import(${source} + "/create-runner.ts");
     const { readManifest } = await import(${source} + "/manifest/manifest-file.ts");
     const { unitOf } = await import(${JSON.stringify(repositoryPath("packages/recos/test/fixture-reco.ts"))});
     const log = () => undefined;
     const runner = createRunner({ reco: readManifest(${JSON.stringify(reco.dir)}), startupPath: "/none", slot: 0,
       scratchDir: ${JSON.stringify(bench.scratchDir)}, logger: { debug: log, info: log, warn: log, error: log }, environment: process.env });
     await runner.run(unitOf(1), new AbortController().signal);
     await runner.close();`,
  );
  const stray = openSync("/dev/null", "r");
  const unused = Array.from({ length: 37 }, () => "ignore" as const);
  const client = spawn(process.execPath, ["--import", "tsx", "--conditions=@skyscan/source", script], {
    cwd: repositoryPath(),
    stdio: ["ignore", "inherit", "inherit", ...unused, stray],
  });
  closeSync(stray);
  return client;
}

test("a hung reco and its children die with a client that is killed with SIGKILL", async () => {
  const reco = await bench.oneshotReco(`trap '' TERM; sleep 1000 & echo $$ >> "$NOTES"; echo $! >> "$NOTES"; wait`);
  const client = await startClient(reco);
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
  await once(await startClient(reco), "exit");
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
