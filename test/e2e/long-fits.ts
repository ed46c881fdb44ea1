import { expect } from "vitest";
import { temporaryDirectory } from "@skyscan/testing";
import { scanning } from "./scanning.ts";
import type { Manifest } from "./scanning.ts";
import { makeScriptedReco } from "./scripted-reco.ts";
import type { Begun } from "./scripted-reco.ts";

export const consumerTimeoutSec = 4;

/** The broker now takes back what is held for longer than that, and looks twice a second. */
export async function makeImpatient(broker: { ctl(...args: readonly string[]): Promise<string> }): Promise<void> {
  const settings = { consumer_timeout: 1000 * consumerTimeoutSec, channel_tick_interval: 500 };
  const calls = Object.entries(settings).map(([name, ms]) => `application:set_env(rabbit, ${name}, ${ms})`);
  await broker.ctl("eval", `${calls.join(", ")}.`);
}

/** Three times as long as the broker allows; its neighbours fit on meanwhile. */
const longMs = 3000 * consumerTimeoutSec;
export const longUnit = "1/5/0";

export interface LongFitEnd {
  readonly begun: readonly Begun[];
  readonly manifest: Manifest;
  readonly clientSaid: string;
}

/** A whole scan over this broker with one client of three slots, one of whose fits takes longer than the broker lets a delivery out. */
export async function scanWithLongFit(broker: string, toldSec: number): Promise<LongFitEnd> {
  const directory = await temporaryDirectory();
  try {
    const env = { SKYSCAN_BROKER_ADDRESS: broker, SKYSCAN_RABBITMQ_CONSUMER_TIMEOUT_SEC: String(toldSec) };
    const reco = await makeScriptedReco(
      directory.path,
      `await pause(line.unit === "${longUnit}" ? ${longMs} : 500); answer(line);`,
    );
    const scan = scanning(directory.path, { reco: reco.name, nsides: ["1:0"], env });
    const server = scan.server("--reco-path", reco.path);
    const client = scan.client("--slots", "3", "--reco-path", reco.path);
    expect(await server.ended).toMatchObject({ status: 0 });
    const { status, stderr } = await client.ended;
    expect(status).toBe(0);
    return { begun: await reco.begun(), manifest: (await scan.manifest())!, clientSaid: stderr };
  } finally {
    await directory.remove();
  }
}

const allUnits = Array.from({ length: 12 }, (_, pixel) => `1/${pixel}/0`).sort();

/** Every unit was fitted once and counted once. */
export function expectOnce({ begun, manifest }: LongFitEnd): void {
  expect(begun.map(({ unit }) => unit).sort()).toEqual(allUnits);
  expect(manifest).toMatchObject({
    state: "finished",
    progress: { tallies: { "total recos": 12 } },
    failures: { "failed units": 0 },
    counters: { failures: 0, republished: 0, dead: 0, workersLost: 0, brokerReconnects: 0 },
  });
}
