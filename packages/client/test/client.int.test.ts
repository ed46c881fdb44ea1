// Starts real reco processes and a real embedded broker; the server's side is played by hand.
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedHost } from "@skyscan/broker";
import type { Broker, EmbeddedHost } from "@skyscan/broker";
import {
  decodeReply,
  decodeWorkers,
  replyDeliveryLimit,
  scanQueues,
  workDeliveryLimit,
  writeStartupFile,
} from "@skyscan/protocol";
import type { Outcome, StartupFile, WorkerStatus } from "@skyscan/protocol";
import { loadRegistry } from "@skyscan/recos";
import { silentLogger } from "@skyscan/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ClientEnd } from "../src/ending.ts";
import { runClient } from "../src/run-client.ts";
import type { ClientOptions } from "../src/client-options.ts";
import { controlBytes, scan, startupOf, workBytes, workUnit } from "./messages.ts";

const queues = scanQueues(scan);
const token = "a-token";

/** The server's side of a scan, by hand. */
interface Server {
  readonly host: EmbeddedHost;
  readonly broker: Broker;
  readonly outcomes: Outcome[];
  readonly statuses: WorkerStatus[];
  ask(pixels: readonly number[], more?: { attempt?: number }): Promise<void>;
  until(test: () => boolean): Promise<void>;
  end(): Promise<void>;
}

async function startServer(port = 0): Promise<Server> {
  const host = await createEmbeddedHost({ listen: { host: "127.0.0.1", port }, token, logger: silentLogger });
  const broker = host.broker();
  await broker.declare(
    [
      { name: queues.work, durability: "durable", deliveryLimit: workDeliveryLimit, deadLetterTo: queues.dead },
      { name: queues.replies, durability: "durable", deliveryLimit: replyDeliveryLimit },
      { name: queues.dead, durability: "durable" },
      { name: queues.workers, durability: "transient" },
    ],
    queues.control,
  );
  const outcomes: Outcome[] = [];
  const statuses: WorkerStatus[] = [];
  const watchers = new Set<() => void>();
  const collect = async (queue: string, take: (body: Uint8Array) => void): Promise<void> => {
    for await (const delivery of await broker.consumer(queue, { prefetch: 1000 })) {
      take(delivery.body);
      delivery.ack();
      for (const watcher of [...watchers]) watcher();
    }
  };
  void collect(queues.replies, (body) => void outcomes.push(...decodeReply(body).outcomes)).catch(() => undefined);
  void collect(queues.workers, (body) => {
    const message = decodeWorkers(body);
    if (message.type === "worker-status") statuses.push(message);
  }).catch(() => undefined);
  const work = await broker.publisher(queues.work);
  const control = await broker.broadcaster(queues.control);
  return {
    host,
    broker,
    outcomes,
    statuses,
    async ask(pixels, more = {}) {
      for (const pixel of pixels) await work.publish(workBytes([workUnit(pixel, more)]));
    },
    until: (test) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!test()) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    async end() {
      await control.broadcast(controlBytes({ type: "end" }));
    },
  };
}

let directory: string;
let server: Server;
const stop = { signal: new AbortController(), force: new AbortController() };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-client-test-"));
  server = await startServer();
  stop.signal = new AbortController();
  stop.force = new AbortController();
  await writeFile(join(directory, "token"), `${token}\n`, { mode: 0o600 });
});

afterEach(async () => {
  stop.signal.abort();
  stop.force.abort();
  await server.host.close();
  await rm(directory, { recursive: true, force: true });
});

async function writeStartup(recoName: string, more: Partial<StartupFile> = {}): Promise<string> {
  const { manifest, manifestSha256 } = loadRegistry({ recoPath: [] }).find(recoName);
  const path = join(directory, "client-startup.json");
  const options = Object.fromEntries(Object.entries(manifest.options).map(([name, option]) => [name, option.default]));
  const reco = { name: manifest.name, version: manifest.version, manifestSha256, options };
  const broker = { client: "embedded" as const, address: server.host.address, tokenFile: join(directory, "token") };
  await writeStartupFile(path, startupOf({ reco_algo: recoName, reco, broker, ...more }));
  return path;
}

function start(path: string, more: Partial<ClientOptions> = {}, environment: Record<string, string> = {}): Promise<ClientEnd> {
  return runClient(
    { startupPaths: [path], waitForStartupSec: 0, slots: 2, scratchDir: join(directory, "scratch"), ...more },
    {
      logger: silentLogger,
      signal: stop.signal.signal,
      force: stop.force.signal,
      environment: { PATH: process.env["PATH"], ...environment },
    },
  );
}

describe("a client over the embedded broker with real reco processes", () => {
  test("fits every unit once, acks all, ends with 0 and leaves no scratch behind", async () => {
    const client = start(await writeStartup("dummy"));
    const pixels = Array.from({ length: 12 }, (_, pixel) => pixel);
    await server.ask(pixels);
    await server.until(() => server.outcomes.length === pixels.length);
    expect(server.outcomes.map(({ kind }) => kind)).toEqual(pixels.map(() => "result"));
    expect(new Set(server.outcomes.map(({ unit }) => unit)).size).toBe(pixels.length);
    await server.end();
    expect(await client).toMatchObject({ status: 0 });
    await server.until(() => server.statuses.some(({ state }) => state === "goodbye"));
    expect(server.statuses.at(-1)).toMatchObject({ done: pixels.length, failed: 0, holding: [] });
    expect(await server.broker.depth(queues.work)).toBe(0);
    expect(await readdir(join(directory, "scratch"))).toEqual([]);
  });

  test("a crashing reco makes failures, never lost units: death, nonsense, a hang beyond the time limit", async () => {
    const client = start(
      await writeStartup("crash_dummy"),
      { slots: 1 },
      { SKYSCAN_CRASH_DUMMY_PROBABILITY: "1", EWMS_PILOT_TASK_TIMEOUT: "1" },
    );
    await server.ask([5, 1, 0]);
    await server.until(() => server.outcomes.length === 3);
    expect(server.outcomes.map((outcome) => [outcome.unit, outcome.kind === "failure" && outcome.code])).toEqual([
      ["1/5/0", "crashed"],
      ["1/1/0", "protocol"],
      ["1/0/0", "timed-out"],
    ]);
    await server.end();
    expect(await client).toMatchObject({ status: 0 });
  });

  test("after a signal, what it held goes to another client", async () => {
    const { manifest, manifestSha256 } = loadRegistry({ recoPath: [] }).find("dummy");
    const slow = { name: "dummy", version: manifest.version, manifestSha256, options: { runtime: "3" } };
    const first = start(await writeStartup("dummy", { reco: slow }), { slots: 1, drainGraceSec: 0 });
    await server.ask([0, 1]);
    await server.until(() => server.statuses.length > 0);
    const control = await server.broker.broadcaster(queues.control);
    const asked = setInterval(() => void control.broadcast(controlBytes({ type: "who-holds" })), 50);
    await server.until(() => server.statuses.some(({ holding }) => holding.some(({ elapsedSec }) => elapsedSec > 0)));
    clearInterval(asked);
    stop.signal.abort();
    expect(await first).toMatchObject({ status: 5 });
    stop.signal = new AbortController();
    const second = start(await writeStartup("dummy"), { slots: 1 });
    await server.until(() => server.outcomes.length === 2);
    expect(server.outcomes.map(({ unit }) => unit).sort()).toEqual(["1/0/0", "1/1/0"]);
    await server.end();
    expect(await second).toMatchObject({ status: 0 });
  });

  test("carries on with a server that comes back on another port: the startup file is read again", async () => {
    const client = start(await writeStartup("dummy"), { slots: 1 });
    await server.ask([0]);
    await server.until(() => server.outcomes.length === 1);
    await server.host.close();
    server = await startServer();
    await writeStartup("dummy");
    await server.ask([1]);
    await server.until(() => server.outcomes.length === 1);
    expect(server.outcomes[0]).toMatchObject({ unit: "1/1/0", kind: "result" });
    await server.end();
    expect(await client).toMatchObject({ status: 0 });
  });

  test("a reco that cannot start here: 7 after three tries, and its unit is still to be had", async () => {
    const home = join(directory, "recos", "broken");
    await writeReco(home);
    const { manifestSha256 } = loadRegistry({ recoPath: [home] }).find("broken");
    const path = await writeStartup("dummy", {
      reco_algo: "broken",
      reco: { name: "broken", version: "1.0.0", manifestSha256, options: {} },
    });
    const client = start(path, { slots: 1, recoPath: [home] });
    await server.ask([0]);
    expect(await client).toMatchObject({ status: 7 });
    await server.until(() => server.statuses.some(({ state }) => state === "goodbye"));
    expect(server.statuses.at(-1)).toMatchObject({ whyCode: "start-failed" });
    expect(await server.broker.depth(queues.work)).toBe(1);
    expect(server.outcomes).toEqual([]);
  });

  test("a scan that has ended before the client comes: 0, without a broker", async () => {
    expect(await start(await writeStartup("dummy", { ended: true }))).toMatchObject({ status: 0 });
    expect(server.host.connections).toBe(0);
  });

  test("a wrong token: 2", async () => {
    expect(await start(await writeStartup("dummy"), {}, { SKYSCAN_BROKER_AUTH: "another" })).toMatchObject({ status: 2 });
  });

  test("no scratch to be had: 6", async () => {
    const file = join(directory, "a-file");
    await writeFile(file, "");
    expect(await start(await writeStartup("dummy"), { scratchDir: join(file, "below") })).toMatchObject({ status: 6 });
  });
});

async function writeReco(home: string): Promise<void> {
  await mkdir(home, { recursive: true });
  const manifest = {
    protocol: 1,
    name: "broken",
    version: "1.0.0",
    description: "Its executable is missing.",
    run: { mode: "stream", command: ["./not-there"] },
  };
  await writeFile(join(home, "reco.json"), JSON.stringify(manifest));
}
