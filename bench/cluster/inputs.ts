import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeEventFile } from "@skyscan/icecube";
import { readSettings, silentLogger } from "@skyscan/runtime";
import { serverSettingTable } from "@skyscan/server";
import { readInputs } from "@skyscan/server/parts";
import type { ScanInputs } from "@skyscan/server/parts";

const truth = {
  minorId: 1,
  majorId: 2n,
  pdg: 13,
  shape: 40,
  fitStatus: 0,
  position: { xM: 1, yM: -2, zM: 3 },
  zenithRad: 1.5,
  azimuthRad: 2.5,
  timeNs: 10_000,
  energyGeV: NaN,
  lengthM: NaN,
  speedMPerNs: 0.299792458,
  locationType: 0,
};

/** What the server reads before a scan, of a small simulated event; with so many position variations per pixel. */
export async function clusterInputs(nsides: readonly string[], posvars: number): Promise<ScanInputs> {
  const directory = await mkdtemp(join(tmpdir(), "skyscan-cluster-"));
  try {
    const eventFile = join(directory, "event.json");
    await writeEventFile(eventFile, {
      runId: 7,
      eventId: 42,
      eventType: "neutrino",
      start: { year: 2024, tenthsOfNs: 123456789012345678n },
      durationNs: 20_000,
      doms: [{ string: 1, om: 9, pmt: 0, pulses: [[10_000.5, 0.75, 8, 7]] }],
      seedVertex: { xM: 10, yM: 20, zM: 30, timeNs: 9000 },
      simulated: { truth, geometry: "icecube86" },
    });
    const inputs = await readInputs(
      {
        eventFile,
        recoAlgo: "dummy",
        recoOptions: {},
        recoPath: [],
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
