// Starts a real RabbitMQ 3.10.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, rabbitmqMissing, startRabbitmq } from "@skyscan/testing";
import type { Rabbitmq } from "@skyscan/testing";
import { freshDirectories } from "./fresh-directories.ts";
import { scanWithKiller } from "./killer-units.ts";
import { scanning } from "./scanning.ts";
import type { Scanning } from "./scanning.ts";

describe.skipIf(rabbitmqMissing !== undefined)("over RabbitMQ", () => {
  let broker: Rabbitmq;
  const freshDirectory = freshDirectories();
  beforeAll(async () => {
    broker = await startRabbitmq();
  });
  afterAll(() => broker.stop());
  async function fresh(more: Readonly<Record<string, string>> = {}): Promise<Scanning> {
    return scanning(await freshDirectory(), {
      reco: "dummy",
      nsides: ["1:0"],
      env: { SKYSCAN_BROKER_ADDRESS: broker.url, ...more },
    });
  }

  test("a unit that kills each client that draws it is given up after six, what was fitted beside it is not, and the scan completes", async () => {
    await scanWithKiller({ SKYSCAN_BROKER_ADDRESS: broker.url });
  }, 300_000);

  test("a broker that comes back empty in mid-scan gets its queues and the open units again", async () => {
    const scan = await fresh();
    const server = scan.server("--reco-option", "runtime=0.1");
    await server.said("clients may start");
    await server.said("pixels planned");
    const queues = (await broker.ctl("list_queues", "name"))
      .split("\n")
      .filter((name) => /^(to|from)-clients-|^dead-/.test(name));
    expect(queues).toHaveLength(3);
    await broker.ctl("eval", deleting(queues));
    await broker.ctl("close_all_connections", "test");
    await server.said("the broker is back");
    const client = scan.client();
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(await scan.manifest()).toMatchObject({
      progress: { tallies: { "total recos": 12 } },
      failures: { "failed units": 0 },
      counters: { brokerEmptied: 1 },
    });
  });

  test("a broker in alarm in mid-scan holds things up, is seen in the manifest, and costs no unit", async () => {
    const env = { SKYSCAN_BROKER_ADDRESS: broker.url, SKYSCAN_WINDOW_MIN: "2" };
    const scan = scanning(await freshDirectory(), { reco: "dummy", nsides: ["2:0"], env });
    const server = scan.server("--reco-option", "runtime=0.1");
    const client = scan.client("--slots", "2");
    await scan.done(1);
    // The broker tells only those that publish: answers that wait when the alarm comes make the server send the next units.
    server.kill("SIGSTOP");
    await eventually("answers wait", async () => {
      const queues = await broker.ctl("list_queues", "name", "messages");
      return /^from-clients-\S+\s+[1-9]/m.test(queues) ? true : undefined;
    });
    await broker.ctl("set_vm_memory_high_watermark", "absolute", "1");
    server.kill("SIGCONT");
    try {
      await server.said("takes nothing for now");
    } finally {
      await broker.ctl("set_vm_memory_high_watermark", "0.4");
    }
    expect(await server.ended).toMatchObject({ status: 0 });
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(await scan.manifest()).toMatchObject({
      progress: { tallies: { "total recos": 48 } },
      failures: { "failed units": 0 },
      counters: { brokerBlocked: 1, failures: 0 },
    });
  }, 300_000);

  test("a broker that does not come back within SKYSCAN_BROKER_LOST_SEC: status 4 for server and client, and the scan goes on when it does", async () => {
    const scan = await fresh({ SKYSCAN_BROKER_LOST_SEC: "2" });
    const server = scan.server("--reco-option", "runtime=1");
    const client = scan.client();
    await scan.done(1);
    await broker.kill9();
    const ends = await Promise.all([server.ended, client.ended]);
    for (const end of ends) {
      expect(end.status).toBe(4);
      expect(end.stderr).toContain("SKYSCAN_BROKER_LOST_SEC");
    }
    expect(ends[0].stderr).toContain("the same command goes on where it stopped");
    expect(await scan.manifest()).toMatchObject({ state: "broken", preliminary: true });
    await broker.restart();
    const again = scan.server("--reco-option", "runtime=1");
    const later = scan.client("--slots", "12");
    expect(await again.ended).toMatchObject({ status: 0 });
    expect(await later.ended).toMatchObject({ status: 0 });
  }, 300_000);
});

const deleting = (queues: readonly string[]): string => {
  const names = queues.map((name) => `<<"${name}">>`).join(", ");
  const one = `{ok, Queue} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, Name)), rabbit_amqqueue:delete(Queue, false, false, <<"test">>)`;
  return `lists:foreach(fun(Name) -> ${one} end, [${names}]).`;
};
