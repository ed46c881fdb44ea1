import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeEventFile } from "@skyscan/icecube";
import { readSettings, silentLogger } from "@skyscan/runtime";
import { serverSettingTable } from "@skyscan/server/settings";
import { readInputs } from "@skyscan/server/parts";
import type { ScanInputs } from "@skyscan/server/parts";
import { smallEvent } from "../../packages/server/test/small-event.ts";

/** What the server reads before a scan, of a small simulated event; with so many position variations per pixel. */
export async function clusterInputs(nsides: readonly string[], posvars: number): Promise<ScanInputs> {
  const directory = await mkdtemp(join(tmpdir(), "skyscan-cluster-"));
  try {
    const eventFile = join(directory, "event.json");
    await writeEventFile(eventFile, smallEvent);
    const inputs = await readInputs(
      {
        eventFile,
        recoAlgo: "dummy",
        recoOptions: {},
        recoPath: [],
        cacheDir: ".",
        gcdDir: directory,
        geometry: undefined,
        nsides,
        predictiveScanningThreshold: 1,
        realEvent: undefined,
        seed: undefined,
      },
      readSettings(serverSettingTable, [], {}),
      silentLogger,
    );
    const offsetsM = Array.from({ length: posvars }, (_, variation) => [variation, 0, 0] as const);
    return { ...inputs, seedRules: { ...inputs.seedRules, offsetsM } };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
