// Starts a real RabbitMQ.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rabbitmqMissing, runSkyscan, startRabbitmq } from "@skyscan/testing";
import type { Rabbitmq } from "@skyscan/testing";
import { dummyScans, fitsTake } from "./dummy-scans.ts";
import { simulatedName } from "./events.ts";
import type { Scanning } from "./scanning.ts";
import { askOverBroker } from "./status-over-broker.ts";

const fresh = dummyScans();

describe.skipIf(rabbitmqMissing !== undefined)("over RabbitMQ", () => {
  let broker: Rabbitmq;
  beforeAll(async () => {
    broker = await startRabbitmq();
  });
  afterAll(() => broker.stop());

  test("scan-clean lists and removes what a killed server left, and leaves a running scan alone", async () => {
    const env = { SKYSCAN_BROKER_ADDRESS: broker.url };
    const [dead, alive] = [await fresh({ env, nsides: ["1:0"] }), await fresh({ env, nsides: ["1:0"] })];
    const [killed, running] = [dead.server(), alive.server()];
    await Promise.all([killed.said("clients may start"), running.said("clients may start")]);
    killed.kill("SIGKILL");
    await killed.ended;
    const clean = (
      scan: Scanning,
      ...more: readonly string[]
    ): Promise<{ readonly status: number | null; readonly stdout: string }> =>
      runSkyscan(["scan-clean", "--cache-dir", join(scan.directory, "cache"), ...more], {
        env: { ...scan.env, SKYSCAN_LOG: "warn" },
      });

    const listed = await clean(dead);
    expect(listed.status).toBe(0);
    for (const queue of ["to-clients-", "from-clients-", "dead-", "workers-"]) expect(listed.stdout).toContain(queue);
    const removed = await clean(dead, "--remove");
    expect(removed.stdout).toContain("removed");
    expect((await clean(dead)).stdout).toContain("nothing is left behind");
    expect((await clean(alive, "--remove")).stdout).toContain("left alone");

    const client = alive.client();
    expect(await running.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(await broker.ctl("list_queues", "name", "--quiet")).not.toContain(simulatedName);
    expect(await broker.ctl("list_exchanges", "name", "--quiet")).not.toContain(simulatedName);
  });

  test("skyscan status asks over the broker; with the server stopped it says that the broker is there and the server is not", async () => {
    const env = { SKYSCAN_BROKER_ADDRESS: broker.url };
    const scan = await fresh({ env });
    const server = scan.server(...fitsTake("3"));
    const client = scan.client();
    await scan.done(1);
    server.kill("SIGSTOP");
    const silent = await runSkyscan(["status", "--client-startup-json", scan.startup], { env: scan.env });
    server.kill("SIGCONT");
    expect(silent.status).toBe(2);
    expect(silent.stderr).toContain("the broker is there, but the server");
    await askOverBroker(scan, server, client);
  });
});
