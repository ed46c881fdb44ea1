// Starts a real Pulsar.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { endAllSkyscan, pulsarMissing, startPulsar, temporaryDirectory } from "@skyscan/testing";
import type { Pulsar } from "@skyscan/testing";
import { scanWithKiller } from "./killer-units.ts";
import { expectOnce, longUnit } from "./long-fits.ts";
import { scanning } from "./scanning.ts";
import { makeScriptedReco } from "./scripted-reco.ts";

const holdSec = 4;

describe.skipIf(pulsarMissing !== undefined)("over Pulsar", () => {
  let broker: Pulsar;
  beforeAll(async () => {
    broker = await startPulsar();
  });
  afterEach(endAllSkyscan);
  afterAll(() => broker.stop());

  test("a unit that kills each client that draws it is given up when five are lost, what was fitted beside it is not, and the scan completes", async () => {
    await scanWithKiller(broker.env(), { lossesCount: false });
  }, 300_000);

  test("a fit that takes three times as long as something may stay unacknowledged is fitted once and counted once", async () => {
    const directory = await temporaryDirectory();
    const env = { ...broker.env(), PULSAR_UNACKED_MESSAGES_TIMEOUT_SEC: String(holdSec) };
    const reco = await makeScriptedReco(
      directory.path,
      `await pause(line.unit === "${longUnit}" ? ${3000 * holdSec} : 500); answer(line);`,
    );
    const scan = scanning(directory.path, { reco: reco.name, nsides: ["1:0"], env });
    const server = scan.server("--reco-path", reco.path);
    const clients = [1, 2].map(() => scan.client("--slots", "2", "--reco-path", reco.path));
    expect(await server.ended).toMatchObject({ status: 0 });
    const ends = await Promise.all(clients.map(({ ended }) => ended));
    expect(ends).toMatchObject([{ status: 0 }, { status: 0 }]);
    const manifest = (await scan.manifest())!;
    expectOnce({ begun: await reco.begun(), manifest, clientSaid: "" });
    expect(ends.map(({ stderr }) => stderr).join()).toContain("handed to the server's care");
    expect(manifest.counters["holding"]).toBeGreaterThanOrEqual(1);
    await directory.remove();
  });
});
