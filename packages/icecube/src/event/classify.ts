import { within } from "../errors.ts";
import { frameObject, type Frame } from "../frame/frame.ts";
import { readString } from "../frame/simple-objects.ts";
import { parseJson, type JsonObject } from "../json-value.ts";
import { simulatedGeometryKey } from "./simulated-keys.ts";

const alertTypes: readonly (readonly [key: string, type: string])[] = [
  ["hese", "HESE"],
  ["ehe", "EHE"],
  ["neutrino", "neutrino"],
  ["estres", "ESTRES"],
];
const frameTypes: readonly (readonly [key: string, type: string])[] = [
  ["HESE_llhratio", "HESE"],
  ["Estres_p_miss", "ESTRES"],
  ["PoleEHEOphelia_ImpLF", "EHE"],
];

/** The alert message of a P frame (`AlertShortFollowupMsg`), or undefined. @throws IceCubeError `garbled` */
export function readAlert(physics: Frame): JsonObject | undefined {
  const object = frameObject(physics, "AlertShortFollowupMsg");
  if (object === undefined) return undefined;
  const message = within("frame P, key AlertShortFollowupMsg", () => parseJson(readString(object.blob)));
  return typeof message === "object" && message !== null && !Array.isArray(message) ? message : {};
}

/** The event's type as the realtime system tells it: by the alert's keys when there is an alert, else by the frame's. */
export function classifyEvent(physics: Frame, alert: JsonObject | undefined): string {
  if (alert !== undefined) {
    const match = alertTypes.find(([key]) => Object.hasOwn(alert, key));
    if (match !== undefined) return match[1];
  }
  return frameTypes.find(([key]) => frameObject(physics, key) !== undefined)?.[1] ?? "None";
}

/**
 * Real or simulated, as far as the event tells: events simulated here carry a mark; run ids of the detector are within
 * [100000, 1000000). Undefined when neither says.
 */
export function decideRealEvent(runId: number, physics: Frame): boolean | undefined {
  if (frameObject(physics, simulatedGeometryKey) !== undefined) return false;
  return runId >= 100_000 && runId < 1_000_000 ? true : undefined;
}
