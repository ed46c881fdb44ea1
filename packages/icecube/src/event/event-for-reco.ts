import { IceCubeError } from "../errors.ts";
import type { Pulse } from "../frame/pulse-map.ts";
import type { Geometry } from "../geometry/geometry.ts";
import type { Event } from "./event.ts";
import { truthKey } from "./simulated-keys.ts";

/** A module with pulses, as recos get it. */
export interface RecoDom {
  readonly string: number;
  readonly om: number;
  readonly xM: number;
  readonly yM: number;
  readonly zM: number;
  readonly pulses: readonly Pulse[];
}

/** A recorded fit, as recos get it; null = not known. */
export interface RecoFit {
  readonly zenithRad: number;
  readonly azimuthRad: number;
  readonly xM: number | null;
  readonly yM: number | null;
  readonly zM: number | null;
  readonly timeNs: number | null;
}

/** The `event` object of the startup file (reco protocol version 1). */
export interface RecoEvent {
  readonly runId: number;
  readonly eventId: number;
  readonly eventType: string;
  readonly mjd: number;
  readonly isRealEvent: boolean;
  readonly pulseSeries: string;
  /** As the event file has it; empty when it has none. */
  readonly realtimeFormatVersion: string;
  readonly doms: readonly RecoDom[];
  readonly recorded: Readonly<Record<string, RecoFit>>;
}

/** Modules with a higher number are IceTop tanks, which no reco uses. */
export const lastInIceOm = 60;

/**
 * What recos need of an event: in-ice modules with positions and pulses, and the recorded fits that have a direction.
 * @param isRealEvent as the user says; needed only where the event does not tell
 * @throws IceCubeError `missing` when the geometry does not hold a module that has pulses, or nobody says whether the event is real
 */
export function eventForReco(
  event: Event,
  geometry: Geometry,
  isRealEvent: boolean | undefined = event.metadata.isRealEvent,
): RecoEvent {
  if (isRealEvent === undefined) {
    throw new IceCubeError("missing", `${event.name} does not tell whether it is real or simulated; it has to be said`);
  }
  const doms: RecoDom[] = [];
  const unknown: string[] = [];
  for (const { string, om, pulses } of event.doms) {
    if (om > lastInIceOm) continue;
    const place = geometry.dom(string, om);
    if (place === undefined) unknown.push(`(${string},${om})`);
    else doms.push({ string, om, xM: place.xM, yM: place.yM, zM: place.zM, pulses });
  }
  if (unknown.length > 0) {
    const named = unknown.slice(0, 20).join(" ") + (unknown.length > 20 ? ` and ${unknown.length - 20} more` : "");
    throw new IceCubeError(
      "missing",
      `${event.name}: geometry ${geometry.name} has no position for the modules ${named}; give the right geometry`,
    );
  }
  const recorded: Record<string, RecoFit> = {};
  for (const [key, fit] of Object.entries(event.recorded)) {
    // What was simulated is not for those who shall find it.
    if (key === truthKey) continue;
    if (!Number.isFinite(fit.zenithRad) || !Number.isFinite(fit.azimuthRad)) continue;
    recorded[key] = {
      zenithRad: fit.zenithRad,
      azimuthRad: fit.azimuthRad,
      xM: finite(fit.xM),
      yM: finite(fit.yM),
      zM: finite(fit.zM),
      timeNs: finite(fit.timeNs),
    };
  }
  const { runId, eventId, eventType, mjd } = event.metadata;
  const { pulseSeries, statedFormatVersion: realtimeFormatVersion } = event;
  return { runId, eventId, eventType, mjd, isRealEvent, pulseSeries, realtimeFormatVersion, doms, recorded };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
