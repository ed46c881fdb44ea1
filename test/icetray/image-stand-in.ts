import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createFrame, encodeEvent, loadGeometry, writeFrame } from "@skyscan/icecube";
import { simulateTrack } from "@skyscan/simulation";
import { repositoryPath } from "@skyscan/testing";

/** Releases that the stand-in has the shapes of: test/icetray-stand-in. */
export type Release = "3.4.0" | "3.21.0" | "3.22.1" | "4.2.1";

/** The environment of a client, or a server, that a batch system started inside such an image. */
export const insideImage = (release: Release, i3Data?: string): Readonly<Record<string, string | undefined>> => ({
  APPTAINER_CONTAINER: "/images/skymap_scanner.sif",
  SKYSCAN_ICETRAY_SHELL: repositoryPath(`test/icetray-stand-in/releases/v${release}/env-shell.sh`),
  I3_BUILD: undefined,
  I3_DATA: i3Data,
});

/** Baseline GCD files: that of the BRONZE event, and one that every run number comes after. */
export async function makeGcdDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  const frames = ["G", "C", "D"].map((stream) =>
    writeFrame(
      createFrame(stream, stream === "G" ? [{ key: "I3Geometry", typeName: "I3Geometry", blob: new Uint8Array() }] : []),
    ),
  );
  for (const name of ["baseline_gcd_135417.i3", "baseline_gcd_0.i3"]) await writeFile(join(path, name), Buffer.concat(frames));
  return path;
}

/** A simulated event with the fit that splinempe wants. */
export async function makeEvent(directory: string): Promise<string> {
  const { event } = simulateTrack({ seed: 1, geometry: await loadGeometry("icecube86") });
  const path = join(directory, "simulated.json");
  await writeFile(path, encodeEvent({ ...event, recorded: { ...event.recorded, OnlineL2_BestFit: event.simulated!.truth } }));
  return path;
}

/** The tables of splinempe, which the stand-in's image does not have; for I3_DATA. */
export async function makeTables(path: string): Promise<string> {
  const directory = join(path, "photon-tables", "splines");
  await mkdir(directory, { recursive: true });
  for (const name of [
    "InfBareMu_mie_prob_z20a10_V2",
    "InfBareMu_mie_abs_z20a10_V2",
    "InfHighEStoch_mie_prob_z20a10",
    "InfHighEStoch_mie_abs_z20a10",
  ]) {
    await writeFile(join(directory, `${name}.fits`), "a stand-in for a spline table\n");
  }
  return path;
}
