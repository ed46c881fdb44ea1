// Starts a real RabbitMQ; the scans run in this process, the clients are played by hand.
import { rabbitmqMissing, startRabbitmq } from "@skyscan/testing";
import type { Rabbitmq } from "@skyscan/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openDesk } from "./scan-by-hand.ts";
import type { ScanDesk } from "./scan-by-hand.ts";
import { declineTwice, returnAlways } from "./unfitted-units.ts";

describe.skipIf(rabbitmqMissing !== undefined)("over RabbitMQ, a unit that is not fitted", () => {
  let rabbitmq: Rabbitmq;
  let desk: ScanDesk;
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
  });
  beforeEach(async () => {
    desk = await openDesk(rabbitmq.url);
  });
  afterEach(() => desk.close());
  afterAll(() => rabbitmq.stop());

  test("is declined twice, then comes without hosts to avoid", () => declineTwice(desk));

  test("and keeps coming back to the broker: sent again four times from the dead letters, the fifth kills it; no queue of the scan stays", async () => {
    await returnAlways(desk);
    expect(await rabbitmq.ctl("list_queues", "name")).not.toMatch(/clients-|dead-|workers-/);
  });
});
