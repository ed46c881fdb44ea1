// Starts a real RabbitMQ 4.0 in a container that takes deliveries back after four seconds.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { endAllSkyscan, rabbitmq4Missing, startRabbitmq4 } from "@skyscan/testing";
import type { Rabbitmq4 } from "@skyscan/testing";
import { consumerTimeoutSec, expectOnce, makeImpatient, scanWithLongFit } from "./long-fits.ts";

describe.skipIf(rabbitmq4Missing !== undefined)("a fit that takes longer than RabbitMQ 4 allows", () => {
  let broker: Rabbitmq4;
  beforeAll(async () => {
    broker = await startRabbitmq4();
    await makeImpatient(broker);
  }, 300_000);
  afterEach(endAllSkyscan);
  afterAll(() => broker.stop());

  test("is fitted once and counted once, its slot neighbours undisturbed; without a word of the limit too", async () => {
    const overdue = async (): Promise<number> =>
      (await broker.log()).match(/acknowledgement on channel .*timed out/g)?.length ?? 0;
    const told = await scanWithLongFit(broker.url, consumerTimeoutSec);
    expectOnce(told);
    expect(told.clientSaid).toContain("handed to the server's care");
    expect(await overdue()).toBe(0);
    expectOnce(await scanWithLongFit(broker.url, 1800));
    expect(await overdue()).toBeGreaterThan(0);
  });
});
