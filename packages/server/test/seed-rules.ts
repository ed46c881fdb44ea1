import { createSkyFrame } from "@skyscan/icecube";
import type { SeedRules } from "../src/sky/seeds.ts";

/** One variation, nothing turned, nothing refined. */
export const plainRules = (more: Partial<SeedRules> = {}): SeedRules => ({
  skyFrame: createSkyFrame(60_000),
  eventSeed: { xM: 1, yM: 2, zM: 3, timeNs: 4 },
  offsetsM: [[0, 0, 0]],
  rotateVertex: false,
  addFallbackPosition: false,
  refineTimeFrom: undefined,
  ...more,
});
