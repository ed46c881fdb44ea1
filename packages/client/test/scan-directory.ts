// Scans whose startup files are in a directory of the test's own, over stand-in brokers with stand-in runners; the servers' side is in the test's hands.
import { setMaxListeners } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scanQueues, writeStartupFile } from "@skyscan/protocol";
import type { StartupFile } from "@skyscan/protocol";
import { silentLogger } from "@skyscan/runtime";
import { afterEach, beforeEach } from "vitest";
import type { ClientContext, ClientOptions } from "../src/client-options.ts";
import type { ClientEnd } from "../src/ending.ts";
import type { FindReco, LocalRecoOptions } from "../src/local-reco.ts";
import { runClient } from "../src/run-client.ts";
import { controlBytes, outcomesOf, recoIdentity, startupOf, workBytes, workUnit } from "./messages.ts";
import { createStandInBroker } from "./stand-in-broker.ts";
import type { StandInBroker } from "./stand-in-broker.ts";
import { createStandInRunners } from "./stand-in-runner.ts";
import type { OpenFit, StandInRunners } from "./stand-in-runner.ts";

export let directory: string;
/** Stops the clients of a test. */
export let stop: AbortController;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-client-test-"));
  stop = new AbortController();
  // As in a client's process: each scan listens.
  setMaxListeners(0, stop.signal);
});
afterEach(async () => {
  stop.abort();
  await rm(directory, { recursive: true, force: true });
});

/** One scan: its broker and its runners. */
export interface Scan {
  readonly name: string;
  readonly path: string;
  readonly broker: StandInBroker;
  readonly runners: StandInRunners;
  /** Slots for which a runner was made, in that order. */
  readonly made: number[];
  readonly asked: LocalRecoOptions[];
  put(pixels: readonly number[]): void;
  fit(pixel: number, nth?: number): Promise<OpenFit>;
  readonly answered: readonly string[];
  finish(): void;
}

/** Writes their startup files into the directory. */
export async function makeScans(names: readonly string[], more: Partial<StartupFile> = {}): Promise<readonly Scan[]> {
  const scans = names.map((name): Scan => {
    const broker = createStandInBroker(scanQueues(name).work);
    const runners = createStandInRunners();
    return {
      name,
      path: join(directory, `${name}.json`),
      broker,
      runners,
      made: [],
      asked: [],
      put(pixels) {
        for (const pixel of pixels) broker.put(workBytes([workUnit(pixel)], { scan: name }));
      },
      fit: (pixel, nth) => runners.fit(`1/${pixel}/0`, nth),
      get answered() {
        return outcomesOf(broker.published(scanQueues(name).replies)).map(({ unit }) => unit);
      },
      finish: () => broker.broadcast(controlBytes({ type: "end" }, name)),
    };
  });
  for (const scan of scans) await writeStartup(scan, more);
  return scans;
}

export const writeStartup = ({ name, path }: Scan, more: Partial<StartupFile> = {}): Promise<void> =>
  writeStartupFile(
    path,
    startupOf({ scan_id: name, mq_basename: name, broker: { client: "embedded", address: name, tokenFile: null }, ...more }),
  );

/** Runs a client of the directory. */
export function run(
  scans: readonly Scan[],
  options: Partial<ClientOptions> = {},
  context: Partial<ClientContext> = {},
): Promise<ClientEnd> {
  const byName = new Map(scans.map((scan) => [scan.name, scan]));
  const findReco: FindReco = (startup, asked) => {
    const scan = byName.get(startup.scan_id)!;
    scan.asked.push(asked);
    const createRunner = (slot: number) => {
      scan.made.push(slot);
      return scan.runners.make();
    };
    return Promise.resolve({ ...recoIdentity, threads: 1, createRunner });
  };
  const openBroker: NonNullable<ClientContext["openBroker"]> = async (resolve) =>
    byName.get((await resolve()).address)!.broker.broker;
  return runClient(
    { startupPaths: [directory], waitForStartupSec: 0, slots: 2, scratchDir: join(directory, ".scratch"), ...options },
    { logger: silentLogger, signal: stop.signal, force: stop.signal, environment: {}, findReco, openBroker, ...context },
  );
}

export const consuming = ({ broker }: Scan): Promise<void> => broker.until(() => broker.prefetch > 0);
