import { createSkyFrame, type Equatorial } from "../coordinates/sky-frame.ts";
import type { Event, RecordedFit } from "./event.ts";
import { truthKey } from "./simulated-keys.ts";

/** Where a simulated event's particle really came from, in the sky and in the detector; undefined for other events. */
export function simulatedTruth(event: Event): (Equatorial & RecordedFit) | undefined {
  const truth = event.simulatedGeometry === undefined ? undefined : event.recorded[truthKey];
  if (truth === undefined) return undefined;
  return { ...truth, ...createSkyFrame(event.metadata.mjd).dirToEqua(truth.zenithRad, truth.azimuthRad) };
}
