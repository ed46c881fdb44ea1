import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeStartupFile } from "@skyscan/protocol";
import { RecoError } from "@skyscan/recos";
import { silentLogger } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ClientEnd } from "../src/ending.ts";
import { findLocalReco } from "../src/local-reco.ts";
import type { FindReco } from "../src/local-reco.ts";
import { runClient } from "../src/run-client.ts";
import type { ClientContext, ClientOptions } from "../src/client-options.ts";
import { recoIdentity, startupOf } from "./messages.ts";
import { createStandInRunners } from "./stand-in-runner.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-client-test-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const runners = createStandInRunners();
const findReco: FindReco = () => Promise.resolve({ ...recoIdentity, threads: 1, createRunner: () => runners.make() });
const never = new AbortController().signal;

function run(options: Partial<ClientOptions>, context: Partial<ClientContext> = {}): Promise<ClientEnd> {
  return runClient(
    {
      startupPaths: [join(directory, "client-startup.json")],
      waitForStartupSec: 0,
      slots: 1,
      scratchDir: join(directory, "scratch"),
      ...options,
    },
    { logger: silentLogger, signal: never, force: never, environment: {}, findReco, ...context },
  );
}

const writeStartup = (): Promise<void> => writeStartupFile(join(directory, "client-startup.json"), startupOf());

describe("a client that does not get as far as a scan", () => {
  test("no startup file: 2, and what to do", async () => {
    const end = await run({});
    expect(end.status).toBe(2);
    expect(end.why).toContain("start the server first");
  });

  test("environment that cannot be used: 2, all of it at once", async () => {
    const environment = { SKYSCAN_MQ_TIMEOUT_TO_CLIENTS: "soon", SKYSCAN_BROKER_LOST_SEC: "-1" };
    const end = await run({}, { environment });
    expect(end.status).toBe(2);
    expect(end.why).toContain("SKYSCAN_MQ_TIMEOUT_TO_CLIENTS");
    expect(end.why).toContain("SKYSCAN_BROKER_LOST_SEC");
  });

  test("a reco that asks for a baseline GCD file which is not to be had here: 7, and where it was looked for", async () => {
    const recoDir = join(directory, "reco");
    await mkdir(recoDir);
    const command = ["true", "--baseline-gcd-file", "{{BASELINE_GCD}}"];
    const manifest = { protocol: 1, name: "dummy", version: "1.0.0", description: "x", run: { mode: "oneshot", command } };
    await writeFile(join(recoDir, "reco.json"), JSON.stringify(manifest));
    const startup = startupOf({ baseline_GCD_file: "/of/the/server/gcd.i3", baseline_GCD_sha256: "0".repeat(64) });
    await writeStartupFile(join(directory, "client-startup.json"), startup);
    await writeFile(join(directory, "gcd.i3"), "of another year");
    const environment = { SKYSCAN_GCD_SOURCES: directory, SKYSCAN_GCD_URL: "none" };
    const end = await run({ recoPath: [recoDir] }, { environment, findReco: findLocalReco });
    expect(end.status).toBe(7);
    expect(end.why).toContain(`${join(directory, "gcd.i3")} has SHA-256`);
  });

  test("a signal while it waits for the startup file: 5", async () => {
    const stop = new AbortController();
    const logger: Logger = { ...silentLogger, info: () => stop.abort(), child: () => logger };
    expect(await run({ waitForStartupSec: 60 }, { signal: stop.signal, logger })).toMatchObject({ status: 5 });
  });

  test("a reco that is not here: 7 with what there is", async () => {
    await writeStartup();
    const missing: FindReco = () => Promise.reject(new RecoError("unknown-reco", 'there is no reco "dummy". There is: none'));
    expect(await run({}, { findReco: missing })).toEqual({
      status: 7,
      why: `the scan's reco cannot be had here: there is no reco "dummy". There is: none`,
    });
  });

  test("the quarantine time is slept before 7, and a signal ends it", async () => {
    await writeStartup();
    const stop = new AbortController();
    const slept: unknown[] = [];
    const logger: Logger = {
      ...silentLogger,
      child: () => logger,
      warn(fields: object, message: string) {
        if (!message.includes("quarantine")) return;
        slept.push(fields);
        setImmediate(() => stop.abort());
      },
    };
    const missing: FindReco = () => Promise.reject(new RecoError("unknown-reco", "there is none"));
    const environment = { EWMS_PILOT_QUARANTINE_TIME: "1200" };
    expect(await run({}, { findReco: missing, logger, environment, signal: stop.signal })).toMatchObject({ status: 7 });
    expect(slept).toMatchObject([{ quarantineSec: 1200 }]);
  });
});
