// Clients of this machine, played by scripts; real ones run in test/e2e/start-clients.e2e.test.ts.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { batchSystem, describeFleet } from "@skyscan/launcher";
import type { FleetRecord } from "@skyscan/launcher";
import { hostName, silentLogger } from "@skyscan/runtime";
import { fleetRequest } from "./fleet-request.ts";

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), "skyscan-test-"))));
afterEach(() => rm(directory, { recursive: true }));

test("this host is named when clients were told to leave it, and they are not started again", async () => {
  const script = join(directory, "client.sh");
  await writeFile(script, "#!/bin/sh\nexit 7\n", { mode: 0o755 });
  const { signal } = new AbortController();
  const context = { run: () => Promise.reject(new Error("no command")), logger: silentLogger, signal, force: signal };
  const request = fleetRequest({ directory, jobs: 2, program: { kind: "installed", command: ["skyscan"] } });
  const local = batchSystem("local");
  const { id, attended } = await local.submit(request, script, context);
  expect(await attended?.()).toBe(7);
  const { started, jobs, slotsPerClient, scanIds } = request;
  const record: FleetRecord = {
    ...{ version: 1, system: "local", started, directory, jobs, slotsPerClient, scanIds, startup: [], id, tokenCopy: null },
  };
  const clients = await local.status(record, context);
  expect(clients.map(({ starts, exitStatus }) => [starts, exitStatus])).toEqual([
    [1, 7],
    [1, 7],
  ]);
  const words = "status 7: told to leave, or its recos cannot start there";
  expect(describeFleet(record, clients).slice(2)).toEqual([
    "clients    0 running, 0 idle, 0 held, 2 ended",
    `ended      2 x ${words}`,
    `host       ${hostName()}: ${words} (2 clients)`,
  ]);
});
