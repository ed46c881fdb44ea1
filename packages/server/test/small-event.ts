import type { EventToWrite } from "@skyscan/icecube";

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

/** An event of one pulse, for scans whose recos look at none. */
export const smallEvent: EventToWrite = {
  runId: 7,
  eventId: 42,
  eventType: "neutrino",
  start: { year: 2024, tenthsOfNs: 123456789012345678n },
  durationNs: 20_000,
  doms: [{ string: 1, om: 9, pmt: 0, pulses: [[10_000.5, 0.75, 8, 7]] }],
  seedVertex: { xM: 10, yM: 20, zM: 30, timeNs: 9000 },
  simulated: { truth, geometry: "icecube86" },
};
