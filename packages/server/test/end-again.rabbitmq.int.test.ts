// A real RabbitMQ: what a server does that finds its scan complete, but its end not told.
import { openBroker } from "@skyscan/broker";
import type { Broker } from "@skyscan/broker";
import { decodeControl, scanQueues } from "@skyscan/protocol";
import { silentLogger } from "@skyscan/runtime";
import { rabbitmqMissing, startRabbitmq } from "@skyscan/testing";
import type { Rabbitmq } from "@skyscan/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endForClientsAgain } from "../src/conclude.ts";
import type { ResolveServerBroker } from "../src/broker/broker-link.ts";

describe.skipIf(rabbitmqMissing !== undefined)("a scan that was complete when its server was killed", () => {
  let rabbitmq: Rabbitmq;
  let owner: Broker;
  let resolve: ResolveServerBroker;
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
    const limits = { lostSec: 10, goneSec: 1 };
    const settings = { client: "rabbitmq", address: rabbitmq.url, ...limits } as const;
    resolve = () => Promise.resolve(settings);
    owner = await openBroker(() => Promise.resolve(settings), { logger: silentLogger, purpose: "server" });
  });
  afterAll(async () => {
    await owner.close();
    await rabbitmq.stop();
  });

  test("clients that wait are told END, and the queues go; once more is no error", async () => {
    const queues = scanQueues("scan-1");
    const names = [queues.work, queues.replies, queues.dead, queues.workers];
    await owner.declare(
      names.map((name) => ({ name, durability: "durable" as const })),
      queues.control,
    );
    const listener = await owner.listener(queues.control);
    await endForClientsAgain(resolve, { scanId: "scan-1", run: 2 }, silentLogger);
    for await (const body of listener) {
      expect(decodeControl(body)).toMatchObject({ type: "end", scan: "scan-1", run: 2 });
      break;
    }
    for (const name of names) expect(await owner.exists(name)).toBe(false);
    await endForClientsAgain(resolve, { scanId: "scan-1", run: 3 }, silentLogger);
    expect(await rabbitmq.ctl("list_exchanges", "name")).not.toContain("scan-1");
  });
});
