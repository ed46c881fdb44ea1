import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { runClient } from "@skyscan/client";
import { readSettings, silentLogger } from "@skyscan/runtime";
import { runScan } from "@skyscan/server";
import { serverSettingTable } from "@skyscan/server/settings";
import { eventually } from "@skyscan/testing";
import { dummyRequest } from "../../packages/server/test/dummy-request.ts";

export interface AloneOptions {
  readonly directory: string;
  readonly eventFile: string;
  readonly nsides: readonly string[];
}

/**
 * The npz that the scan of one event with the dummy reco makes, with everything else as `skyscan scan` has it: its server and one client, over the
 * embedded broker, in this process. Twenty of them take as long as two with processes of their own.
 */
export async function scanAlone({ directory, eventFile, nsides }: AloneOptions): Promise<Buffer> {
  const request = { ...dummyRequest(directory, eventFile), nsides };
  const { clientStartupJson } = request;
  const { signal } = new AbortController();
  const scan = runScan(request, {
    environment: readSettings(serverSettingTable, [], {}),
    resolveBroker: () => Promise.resolve(undefined),
    tokenFile: null,
    logger: silentLogger,
    signal,
  });
  await eventually("the startup file", () => (existsSync(clientStartupJson) ? true : undefined));
  const client = runClient(
    { startupPaths: [clientStartupJson], waitForStartupSec: 0, slots: 1 },
    { logger: silentLogger, signal, force: signal, environment: {} },
  );
  const end = await scan;
  expect(end).toMatchObject({ status: 0 });
  expect(await client).toMatchObject({ status: 0 });
  return readFile(end.files.find((file) => file.endsWith(".npz"))!);
}
