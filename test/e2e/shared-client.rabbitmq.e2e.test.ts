// Starts a real RabbitMQ 3.10.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, rabbitmqMissing, runSkyscan, startRabbitmq } from "@skyscan/testing";
import type { Rabbitmq } from "@skyscan/testing";
import { freshDirectories } from "./fresh-directories.ts";
import { manyScans } from "./many-scans.ts";
import { serveTwoScans } from "./shared-client.ts";

describe.skipIf(rabbitmqMissing !== undefined)("over RabbitMQ", () => {
  let broker: Rabbitmq;
  const freshDirectory = freshDirectories();
  beforeAll(async () => {
    broker = await startRabbitmq();
  });
  afterAll(() => broker.stop());

  test("one client serves two scans, never with more fits at once than it has slots", async () => {
    await serveTwoScans(await freshDirectory(), { SKYSCAN_BROKER_ADDRESS: broker.url });
  });

  test("many events share the broker and two clients, of which one is killed: each result is that of its single scan, nothing is left", async () => {
    const directory = await freshDirectory();
    const events = join(directory, "events");
    await runSkyscan(["simulate", "--events", "4", "--seed", "1", "--output-dir", events]);
    const scans = manyScans(directory, {
      events: [join(events, "*.json")],
      flags: ["--reco-algo", "dummy", "--nsides", "1:0", "--reco-option", "runtime=0.1"],
      env: { SKYSCAN_BROKER_ADDRESS: broker.url },
    });
    const many = scans.many("--parallel", "4");
    const [killed, other] = [scans.fleet("--slots", "2"), scans.fleet("--slots", "2")];
    await killed.said("Joined the scan");
    await eventually("one is done", () => (many.stderr.includes('"status":0') ? true : undefined));
    killed.kill("SIGKILL");
    expect(await many.ended).toMatchObject({ status: 0 });
    expect(await other.ended).toMatchObject({ status: 0 });
    expect(await broker.ctl("list_queues", "name")).not.toContain("clients-");
    const name = "simulated-track-4";
    expect(await scans.single(join(events, `${name}.json`), name).ended).toMatchObject({ status: 0 });
    const file = (await readdir(join(scans.output, name))).find((one) => one.endsWith(".npz"))!;
    expect((await scans.npz("many", name, file)).equals(await scans.npz("single", name, file))).toBe(true);
  });
});
