import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeEvent, eventName, loadGeometry } from "@skyscan/icecube";
import { simulateTrack } from "@skyscan/simulation";
import { dataPath } from "@skyscan/testing";

/** A real alert, for what only a real event shows. */
export const bronze: string = dataPath("events/run00136662-evt000035405932-BRONZE.pkl");
export const bronzeName = "run00136662.evt000035405932.neutrino";

const { event } = simulateTrack({ seed: 1, geometry: await loadGeometry("icecube86") });
const bytes = encodeEvent(event);

/** Of the event that scans look at which would be the same with any other. */
export const simulatedName: string = eventName(event);

/** Writes it into `directory`, which is made. Returns its path. */
export function simulatedIn(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "simulated.json");
  writeFileSync(path, bytes);
  return path;
}
