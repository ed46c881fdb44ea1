// Starts a real RabbitMQ 3.10 that takes deliveries back after four seconds.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { endAllSkyscan, eventually, rabbitmqMissing, startRabbitmq, temporaryDirectory } from "@skyscan/testing";
import type { Rabbitmq } from "@skyscan/testing";
import { consumerTimeoutSec, expectOnce, longUnit, makeImpatient, scanWithLongFit } from "./long-fits.ts";
import { scanning } from "./scanning.ts";
import { makeScriptedReco } from "./scripted-reco.ts";

describe.skipIf(rabbitmqMissing !== undefined)("a fit that takes longer than the broker allows", () => {
  let broker: Rabbitmq;
  beforeAll(async () => {
    broker = await startRabbitmq();
    await makeImpatient(broker);
  });
  afterEach(endAllSkyscan);
  afterAll(() => broker.stop());
  const overdue = async (): Promise<number> => (await broker.log()).match(/acknowledgement on channel .*timed out/g)?.length ?? 0;

  test("is fitted once and counted once, its slot neighbours undisturbed", async () => {
    const end = await scanWithLongFit(broker.url, consumerTimeoutSec);
    expectOnce(end);
    expect(end.clientSaid).toContain("handed to the server's care");
    expect(end.manifest.counters["holding"]).toBeGreaterThanOrEqual(1);
    expect(await overdue()).toBe(0);
  });

  test("also where nobody told the client of the limit: what the broker takes back meets the fit that is still running", async () => {
    const end = await scanWithLongFit(broker.url, 1800);
    expectOnce(end);
    expect(end.manifest.counters["holding"]).toBe(0);
    // The broker did what it threatens: this is what the first test is spared.
    expect(await overdue()).toBeGreaterThan(0);
  });

  test("goes out again when its holder is killed meanwhile and has missed three beats", async () => {
    const directory = await temporaryDirectory();
    const env = { SKYSCAN_BROKER_ADDRESS: broker.url, SKYSCAN_RABBITMQ_CONSUMER_TIMEOUT_SEC: String(consumerTimeoutSec) };
    const reco = await makeScriptedReco(
      directory.path,
      `if (line.unit === "${longUnit}" && before === 0) await pause(600_000); answer(line);`,
    );
    const scan = scanning(directory.path, { reco: reco.name, nsides: ["1:0"], env });
    const server = scan.server("--reco-path", reco.path);
    const holder = scan.client("--slots", "2", "--reco-path", reco.path);
    await scan.done(11);
    await eventually("it is in the server's care", async () =>
      (await scan.manifest())?.counters["holding"] === 1 ? true : undefined,
    );
    holder.kill("SIGKILL");
    const client = scan.client("--reco-path", reco.path);
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(server.stderr).toContain("its worker is gone");
    const fits = await reco.begun();
    expect(fits.filter(({ unit }) => unit === longUnit).map(({ client }) => client)).toEqual([holder.pid, client.pid]);
    expect(fits).toHaveLength(13);
    expect(await scan.manifest()).toMatchObject({
      failures: { "failed units": 0 },
      counters: { holding: 1, republished: 1, workersLost: 1, duplicates: 0, failures: 0 },
    });
    await directory.remove();
  });
});
