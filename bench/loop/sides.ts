import { join } from "node:path";
import { openBroker } from "@skyscan/broker";
import { scanQueues } from "@skyscan/protocol";
import { silentLogger } from "@skyscan/runtime";
import { freePort } from "@skyscan/testing";
import type { TestBroker } from "@skyscan/testing";
import { complain } from "../command.ts";
import { runBare } from "./bare.ts";
import type { LoopCase } from "./cases.ts";
import { runEngine } from "./engine.ts";
import { compileNoop, writeNoopManifest } from "../noop-reco.ts";
import { messageBytes } from "./sample-messages.ts";

export interface SidesOptions {
  /** Of this benchmark alone; the caller removes it. */
  readonly directory: string;
  readonly eventFile: string;
  /** By driver; the embedded one is in the server. */
  readonly brokers: ReadonlyMap<string, TestBroker>;
}

/** The two things that are compared. Each call is one measurement, with processes, queues and files of its own. */
export interface Sides {
  /** Messages per second. */
  bare(driver: string, window: number, units: number): Promise<number>;
  /** Units per second. */
  engine(one: LoopCase, units: number): Promise<number>;
}

/** Nothing of the surrounding shell decides what is measured. */
const noBroker = { SKYSCAN_BROKER_ADDRESS: undefined, SKYSCAN_BROKER_AUTH: undefined, SKYSCAN_BROKER_CLIENT: undefined };
const warmUpShare = 0.2;
const bareAttempts = 3;

export async function createSides({ directory, eventFile, brokers }: SidesOptions): Promise<Sides> {
  const executable = await compileNoop(directory);
  let count = 0;
  return {
    async bare(driver, window, units) {
      for (let attempt = 1; attempt <= bareAttempts; attempt += 1) {
        count += 1;
        const perSec = await runBare(driver, {
          ...{ window, units, warmUpUnits: Math.ceil(warmUpShare * units), ...messageBytes() },
          address: brokers.get(driver)?.address ?? `127.0.0.1:${await freePort()}`,
          work: `bare-work-${count}`,
          replies: `bare-replies-${count}`,
          path: join(directory, `bare-${count}`),
        });
        if (perSec !== undefined) return perSec;
        complain(`the bare ${driver} loop stood still: measured again`);
      }
      throw new Error(`the bare ${driver} loop stood still ${bareAttempts} times`);
    },
    async engine(one, wanted) {
      count += 1;
      const { nside, variations } = shapeOf(wanted);
      const recoPath = await writeNoopManifest(directory, executable, { variations, inFlight: one.inFlight });
      const units = 12 * nside ** 2 * variations;
      const broker = brokers.get(one.driver);
      const { perSec, scanId } = await runEngine({
        directory: join(directory, `engine-${count}`),
        eventFile,
        recoPath,
        nside,
        units,
        warmUpUnits: Math.ceil(warmUpShare * units),
        client: one.client,
        env: { ...noBroker, ...broker?.env(), ...one.env },
      });
      if (broker !== undefined) await removeQueues(broker, scanId);
      return perSec;
    },
  };
}

/** A whole sky with as many variations per pixel as come to about so many units. */
function shapeOf(units: number): { readonly nside: number; readonly variations: number } {
  let nside = 1;
  while (nside < 64 && 12 * (2 * nside) ** 2 <= units) nside *= 2;
  return { nside, variations: Math.max(1, Math.round(units / (12 * nside ** 2))) };
}

/** A scan that was killed leaves its queues to its next start. */
async function removeQueues({ client, address }: TestBroker, scanId: string): Promise<void> {
  const { work, replies, dead, workers, control } = scanQueues(scanId);
  const settings = { client, address, lostSec: 10, goneSec: 10 };
  const broker = await openBroker(() => Promise.resolve(settings), { logger: silentLogger, purpose: "server" });
  await broker.remove([work, replies, dead, workers], control);
  await broker.close();
}
