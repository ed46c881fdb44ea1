import { expect, test } from "vitest";
import { recordedFit } from "../src/event/recorded-fits.ts";
import type { RecordedFit } from "../src/event/event.ts";

const fit = (zenithRad: number): RecordedFit => ({
  ...{ zenithRad, azimuthRad: 0, xM: 0, yM: 0, zM: 0, timeNs: 0, energyGeV: NaN, fitStatus: 0 },
  ...{ llh: undefined, ndof: undefined },
});

test("an online reconstruction is found under its name of 2021a and under that of 2023a", () => {
  expect(recordedFit({ recorded: { OnlineL2_SplineMPE: fit(1) } }, "OnlineL2_SplineMPE")?.zenithRad).toBe(1);
  expect(recordedFit({ recorded: { l2_online_SplineMPE: fit(2) } }, "OnlineL2_SplineMPE")?.zenithRad).toBe(2);
  const both = { l2_online_SplineMPE: fit(2), OnlineL2_SplineMPE: fit(1) };
  expect(recordedFit({ recorded: both }, "OnlineL2_SplineMPE")?.zenithRad).toBe(1);
  expect(recordedFit({ recorded: both }, "HESE_SPEFit2")).toBeUndefined();
});
