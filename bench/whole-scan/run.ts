import { mkdir } from "node:fs/promises";
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createProcessFamily, startSkyscan } from "@skyscan/testing";
import { watchJournal } from "./journal-moments.ts";
import { watchProcessorTime } from "./processor-time.ts";
import type { ProcessorTime } from "./processor-time.ts";

export interface WholeScanOptions {
  /** Holds all that the scan writes; must not exist. */
  readonly directory: string;
  readonly eventFile: string;
  readonly reco: string;
  readonly nsides: readonly string[];
  readonly clients: number;
}

/** `skyscan scan` on this machine, from its command to the end of its last process. Seconds are since the command. */
export interface WholeScan {
  readonly fits: number;
  /** The first plan is on disk; units are sent. */
  readonly plannedSec: number;
  readonly firstFitSec: number;
  readonly lastReplySec: number;
  /** The result, before maps and pictures are made of it. */
  readonly resultWrittenSec: number;
  readonly goneSec: number;
  /** Up to the first fit's reply: the start of server, clients and recos. */
  readonly starting: ProcessorTime;
  /** Between the first plan and the last reply. */
  readonly scanning: ProcessorTime;
  readonly wholeRun: ProcessorTime;
}

/** @throws Error when the scan fails, or leaves a process behind */
export async function runWholeScan({ directory, eventFile, reco, nsides, clients }: WholeScanOptions): Promise<WholeScan> {
  await mkdir(directory);
  const [cache, output] = [join(directory, "cache"), join(directory, "out")];
  const mark = `SCAN_OF_BENCHMARK=${process.pid}-${performance.now()}`;
  const [markName, markValue] = mark.split("=") as [string, string];
  const over = new AbortController();
  const startedMs = performance.now();
  const wallStartedMs = Date.now();
  const scan = startSkyscan(
    [
      ...["scan", "--event-file", eventFile, "--reco-algo", reco, "--nsides", ...nsides],
      ...["--clients", String(clients), "--cache-dir", cache, "--output-dir", output],
    ],
    {
      env: {
        ...{ SKYSCAN_BROKER_ADDRESS: undefined, SKYSCAN_BROKER_AUTH: undefined, SKYSCAN_BROKER_CLIENT: undefined },
        [markName]: markValue,
      },
    },
  );
  try {
    const journal = watchJournal(cache, over.signal);
    const processors = watchProcessorTime(scan.pid, over.signal);
    const family = createProcessFamily();
    const { status, stdout, stderr } = await scan.ended;
    if (status !== 0) throw new Error(`the scan ended with ${String(status)}:\n${stderr.slice(-4000)}`);
    while ((await family.alive(mark)).length > 0) await wait(5);
    const goneMs = performance.now();
    const { plannedMs, firstResultMs, lastResultMs, results } = journal.moments();
    const npz = stdout.split("\n").find((line) => line.endsWith(".npz"))!;
    const at = (ms: number): number => (ms - startedMs) / 1000;
    return {
      fits: results,
      plannedSec: at(plannedMs),
      firstFitSec: at(firstResultMs),
      lastReplySec: at(lastResultMs),
      resultWrittenSec: (statSync(npz).mtimeMs - wallStartedMs) / 1000,
      goneSec: at(goneMs),
      starting: processors.before(firstResultMs),
      scanning: difference(processors.before(lastResultMs), processors.before(plannedMs)),
      wholeRun: processors.before(goneMs),
    };
  } finally {
    over.abort();
    scan.kill("SIGKILL");
  }
}

const difference = (to: ProcessorTime, from: ProcessorTime): ProcessorTime => ({
  server: to.server - from.server,
  client: to.client - from.client,
  reco: to.reco - from.reco,
  export: to.export - from.export,
});
