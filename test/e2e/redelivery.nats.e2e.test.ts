// Starts a real NATS server.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { endAllSkyscan, natsMissing, startNats, temporaryDirectory } from "@skyscan/testing";
import type { Nats } from "@skyscan/testing";
import { scanWithKiller } from "./killer-units.ts";
import { scanning } from "./scanning.ts";
import { makeScriptedReco } from "./scripted-reco.ts";

describe.skipIf(natsMissing !== undefined)("over NATS", () => {
  let broker: Nats;
  // What a client holds without a sign goes back after four seconds.
  const env = (): Readonly<Record<string, string>> => broker.env({ heartbeatSec: 2 });
  beforeAll(async () => {
    broker = await startNats();
  });
  afterEach(endAllSkyscan);
  afterAll(() => broker.stop());

  test("a unit that kills each client that draws it is given up when five are missed, what was fitted beside it is not, and the scan completes", async () => {
    await scanWithKiller(env(), { lossesCount: false });
  }, 300_000);

  test("a fit that takes three times as long as the broker waits for a sign is fitted once, and needs nobody's care", async () => {
    const directory = await temporaryDirectory();
    const reco = await makeScriptedReco(directory.path, `await pause(line.unit === "1/5/0" ? 12_000 : 200); answer(line);`);
    const scan = scanning(directory.path, { reco: reco.name, nsides: ["1:0"], env: env() });
    const server = scan.server("--reco-path", reco.path);
    const clients = [1, 2].map(() => scan.client("--slots", "2", "--reco-path", reco.path));
    expect(await server.ended).toMatchObject({ status: 0 });
    for (const client of clients) expect(await client.ended).toMatchObject({ status: 0 });
    expect((await reco.begun()).map(({ unit }) => unit).sort()).toEqual(
      Array.from({ length: 12 }, (_, pixel) => `1/${pixel}/0`).sort(),
    );
    expect(await scan.manifest()).toMatchObject({ counters: { holding: 0, republished: 0, duplicates: 0, failures: 0 } });
    await directory.remove();
  });
});
