import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBrokerSettings } from "@skyscan/broker/settings";
import { writeStartupFile } from "@skyscan/protocol";
import { deferred, silentLogger, within } from "@skyscan/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { brokerDifferences, connectionOf, createResolver } from "../src/connection.ts";
import { waitForStartup } from "../src/startup-wait.ts";
import { startupOf } from "./messages.ts";

const own = (environment: Record<string, string>) => readBrokerSettings([], environment);
const rabbit = { client: "rabbitmq" as const, address: "amqp://scan@broker.example/vhost", tokenFile: null };
const limits = { goneSec: 60 };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-client-test-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("how the broker is reached", () => {
  test("the startup file says it where the environment says nothing", () => {
    expect(connectionOf(own({}), rabbit, "from-file", limits)).toMatchObject({
      client: "rabbitmq",
      address: rabbit.address,
      auth: "from-file",
      lostSec: 600,
      goneSec: 60,
    });
  });

  test("the environment wins, part by part", () => {
    const environment = { SKYSCAN_BROKER_ADDRESS: "other.example/vhost", SKYSCAN_BROKER_AUTH: "mine" };
    expect(connectionOf(own(environment), rabbit, "from-file", limits)).toMatchObject({
      client: "rabbitmq",
      address: "other.example/vhost",
      auth: "mine",
    });
  });

  test("differences are named without user or password", () => {
    const differences = brokerDifferences(own({ SKYSCAN_BROKER_ADDRESS: "amqp://me:secret@other.example" }), rabbit);
    expect(differences).toEqual([
      "SKYSCAN_BROKER_ADDRESS is amqp://other.example, the startup file says amqp://broker.example/vhost",
    ]);
    expect(brokerDifferences(own({ SKYSCAN_BROKER_ADDRESS: "amqp://me@broker.example/vhost" }), rabbit)).toEqual([]);
  });

  test("startup file, token file and secrets are read again each time; another scan's file is not followed", async () => {
    const path = join(directory, "client-startup.json");
    const tokenFile = join(directory, "token");
    const startup = startupOf({ broker: { client: "embedded", address: "127.0.0.1:1", tokenFile } });
    let ended = false;
    const environment = {};
    const resolve = createResolver({
      path,
      found: { startup, owner: process.getuid!() },
      environment,
      goneSec: 60,
      logger: silentLogger,
      onEnded: () => (ended = true),
    });
    await writeFile(tokenFile, "one\n");
    expect(await resolve()).toMatchObject({ address: "127.0.0.1:1", auth: "one" });
    await writeFile(tokenFile, "two\n");
    await writeStartupFile(path, { ...startup, broker: { ...startup.broker, address: "127.0.0.1:2" } });
    expect(await resolve()).toMatchObject({ address: "127.0.0.1:2", auth: "two" });
    await writeStartupFile(path, { ...startup, scan_id: "another", broker: { ...startup.broker, address: "127.0.0.1:3" } });
    expect(await resolve()).toMatchObject({ address: "127.0.0.1:2" });
    expect(ended).toBe(false);
    await writeStartupFile(path, { ...startup, ended: true });
    await resolve();
    expect(ended).toBe(true);
  });

  test("a token file that cannot be read is named, with the way out", async () => {
    const startup = startupOf({ broker: { client: "embedded", address: "127.0.0.1:1", tokenFile: join(directory, "none") } });
    const path = join(directory, "client-startup.json");
    const resolve = createResolver({
      path,
      found: { startup, owner: process.getuid!() },
      environment: {},
      goneSec: 60,
      logger: silentLogger,
      onEnded: () => undefined,
    });
    await expect(resolve()).rejects.toThrow(/token file .*none cannot be read.*; give the token in SKYSCAN_BROKER_AUTH/);
  });
});

describe("the startup file", () => {
  const never = new AbortController().signal;

  test("is an error that says what to do when it is not there in time", async () => {
    const path = join(directory, "none.json");
    await expect(waitForStartup([path], { waitSec: 0, logger: silentLogger, signal: never })).rejects.toThrow(
      `no startup file at ${path}: start the server first`,
    );
  });

  test("is waited for", async () => {
    const path = join(directory, "client-startup.json");
    const waiting = waitForStartup([path], {
      waitSec: 60,
      logger: { ...silentLogger, info: () => void writeStartupFile(path, startupOf()) },
      signal: never,
    });
    expect(await waiting).toMatchObject([{ path, startup: startupOf() }]);
  });

  test("is looked for several times in the first second", async () => {
    const stop = new AbortController();
    const fifth = deferred<"looked five times">();
    let looks = 0;
    const find = (): Promise<[]> => {
      looks += 1;
      if (looks === 5) fifth.resolve("looked five times");
      return Promise.resolve([]);
    };
    const waiting = waitForStartup([join(directory, "none.json")], {
      ...{ waitSec: 60, logger: silentLogger, signal: stop.signal, reader: { find } },
    });
    expect(await within(1000, fifth.promise, "not in a second")).toBe("looked five times");
    stop.abort();
    expect(await waiting).toBeUndefined();
  });

  test("a signal ends the waiting", async () => {
    const stop = new AbortController();
    const logger = { ...silentLogger, info: () => stop.abort() };
    expect(await waitForStartup([join(directory, "none.json")], { waitSec: 60, logger, signal: stop.signal })).toBeUndefined();
  });

  test("a directory stands for every scan below it", async () => {
    await writeStartupFile(join(directory, "b.json"), startupOf({ scan_id: "b" }));
    await writeStartupFile(join(directory, "a.json"), startupOf({ scan_id: "a" }));
    await writeFile(join(directory, ".hidden.json"), "{");
    const found = await waitForStartup([directory], { waitSec: 0, logger: silentLogger, signal: never });
    expect(found?.map(({ startup }) => startup.scan_id)).toEqual(["a", "b"]);
  });
});
