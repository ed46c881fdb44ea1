// How a server finds the baseline GCD file of an event, also over real HTTP on loopback.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeEventFile } from "@skyscan/icecube";
import { readSettings, silentLogger } from "@skyscan/runtime";
import { dataMissing, dataPath } from "@skyscan/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serverSettingTable } from "../src/request/env.ts";
import { readInputs } from "../src/request/inputs.ts";
import type { InputsRequest } from "../src/request/inputs.ts";
import { runScan } from "../src/scan.ts";
import { smallEvent } from "./small-event.ts";

const name = "baseline_gcd_135417.i3";
const sha256 = createHash("sha256").update("gcd").digest("hex");
const { simulated: _truth, ...realEvent } = smallEvent;

let directory: string;
let gcdDir: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-server-gcd-"));
  gcdDir = join(directory, "gcd");
  await mkdir(gcdDir);
  await mkdir(join(directory, "reco"));
  const manifest = {
    protocol: 1,
    name: "wants_frames",
    version: "1.0.0",
    description: "A stand-in.",
    run: { mode: "oneshot", command: ["true"], format: "icetray" },
    needs: ["gcdqp"],
  };
  await writeFile(join(directory, "reco", "reco.json"), JSON.stringify(manifest));
  await writeEventFile(join(directory, "event.json"), { ...realEvent, runId: 136662, baselineGcd: name });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const requestOf = (change: Partial<InputsRequest>): InputsRequest => ({
  eventFile: join(directory, "event.json"),
  recoAlgo: "wants_frames",
  recoOptions: {},
  recoPath: [join(directory, "reco")],
  cacheDir: join(directory, "cache"),
  gcdDir,
  geometry: undefined,
  nsides: ["1:0"],
  predictiveScanningThreshold: 1,
  realEvent: undefined,
  seed: undefined,
  ...change,
});
const settingsOf = (environment: Record<string, string>) =>
  readSettings(serverSettingTable, [], {
    SKYSCAN_GCD_SOURCES: join(directory, "other"),
    SKYSCAN_GCD_URL: "none",
    ...environment,
  });
const inputsWith = (environment: Record<string, string> = {}, change: Partial<InputsRequest> = {}) =>
  readInputs(requestOf(change), settingsOf(environment), silentLogger);

describe("a server whose reco wants IceCube's frames", () => {
  test("finds the event's baseline GCD file in --gcd-dir before all other places, and says what is in it", async () => {
    await writeFile(join(gcdDir, name), "gcd");
    await mkdir(join(directory, "other"));
    await writeFile(join(directory, "other", name), "another");
    const inputs = await inputsWith();
    expect(inputs.baselineGcd).toEqual({ path: join(gcdDir, name), sha256 });
    expect(inputs.gcdqpPacket?.frames.map(([letter]) => letter)).toEqual(["G", "C", "D", "Q", "p"]);
    expect(inputs.startupEvent?.realtimeFormatVersion).toBe("2021a");
  });

  test("takes the same scan up again when the same file lies elsewhere, and another scan when it is another file", async () => {
    await writeFile(join(gcdDir, name), "gcd");
    const first = await inputsWith();
    const elsewhere = join(directory, "elsewhere");
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, name), "gcd");
    expect((await inputsWith({}, { gcdDir: elsewhere })).digest).toBe(first.digest);
    await writeFile(join(elsewhere, name), "changed");
    expect((await inputsWith({}, { gcdDir: elsewhere })).digest).not.toBe(first.digest);
  });

  test("downloads it into its cache directory, or the shared staging directory", async () => {
    const server = createServer((_request, response) => response.end("gcd")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = { SKYSCAN_GCD_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    try {
      expect((await inputsWith(url)).baselineGcd).toEqual({ path: join(directory, "cache", "baseline-gcd", name), sha256 });
      const hub = join(directory, "hub");
      expect((await inputsWith({ ...url, EWMS_TASK_DATA_HUB_DIR: hub })).baselineGcd?.path).toBe(join(hub, name));
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  test("is stopped by a signal while it waits for the download: 5", async () => {
    const stop = new AbortController();
    const server = createServer(() => stop.abort()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const request = {
        ...requestOf({}),
        clientStartupJson: join(directory, "client-startup.json"),
        outputDir: join(directory, "out"),
        resume: true,
        discard: false,
        maxAttempts: 3,
        takeOver: false,
        listen: { host: "127.0.0.1", port: 0, tlsCertFile: undefined, tlsKeyFile: undefined, insecure: false },
      };
      const end = await runScan(request, {
        environment: settingsOf({ SKYSCAN_GCD_URL: url }),
        resolveBroker: () => Promise.reject(new Error("no broker is wanted yet")),
        tokenFile: null,
        logger: silentLogger,
        signal: stop.signal,
      });
      expect(end).toMatchObject({ status: 5, why: "stopped by a signal before the scan began" });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  test("does not start without it, and says where it looked", async () => {
    await expect(inputsWith()).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringMatching(
        new RegExp(`${name} cannot be had: looked in ${gcdDir}, .*--gcd-dir, SKYSCAN_GCD_SOURCES`),
      ) as unknown,
    });
  });

  test.skipIf(dataMissing !== undefined)("takes the file that was current in 2016 for events that say current-gcd", async () => {
    await writeFile(join(gcdDir, "2016_01_08_Run127381.i3"), "gcd");
    const inputs = await inputsWith({}, { eventFile: dataPath("events/hese_event_00.json") });
    expect(inputs.baselineGcd?.path).toBe(join(gcdDir, "2016_01_08_Run127381.i3"));
    // That file says no version: programs of the format icetray are told none.
    expect(inputs.startupEvent?.realtimeFormatVersion).toBe("");
  });
});
