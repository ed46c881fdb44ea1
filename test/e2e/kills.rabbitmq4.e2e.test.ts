// Starts a real RabbitMQ 4.0 node in a container.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { endAllSkyscan, rabbitmq4Missing, startRabbitmq4, temporaryDirectory } from "@skyscan/testing";
import type { Rabbitmq4 } from "@skyscan/testing";
import { scanning } from "./scanning.ts";

describe.skipIf(rabbitmq4Missing !== undefined)("over RabbitMQ 4", () => {
  let broker: Rabbitmq4;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    broker = await startRabbitmq4();
  }, 300_000);
  afterEach(endAllSkyscan);
  afterAll(async () => {
    await broker.stop();
    await directory.remove();
  });

  test("a whole scan completes although a client is killed in mid-fit: its units go to another one", async () => {
    const scan = scanning(directory.path, { reco: "dummy", nsides: ["2:0"], env: { SKYSCAN_BROKER_ADDRESS: broker.url } });
    const server = scan.server("--reco-option", "runtime=0.1");
    const killed = scan.client("--slots", "2");
    await scan.done(2);
    killed.kill("SIGKILL");
    await killed.ended;
    const client = scan.client("--slots", "2");
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(await scan.manifest()).toMatchObject({
      state: "finished",
      failures: { "failed units": 0 },
      counters: { failures: 0 },
    });
    expect((await scan.npz("2")).length).toBeGreaterThan(0);
  });
});
