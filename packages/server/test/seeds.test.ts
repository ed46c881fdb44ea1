import { ringToSky } from "@skyscan/healpix";
import { describe, expect, test } from "vitest";
import { refinedTimeNs } from "../src/sky/refine-time.ts";
import { makePayload } from "../src/sky/seeds.ts";
import { rotateOffset } from "../src/sky/variations.ts";
import { plainRules } from "./seed-rules.ts";
import { fit, planOf, stateOf, unit, upTo } from "./stand-ins.ts";
import type { JournalRecord, ResultRecord } from "../src/journal/records.ts";

/** A scanned sky at nside 1, and the children of its pixel 3 planned at nside 2. */
const tablesAfter = (result: Partial<ResultRecord["values"]> = {}): ReturnType<typeof stateOf>["tables"] => {
  const done = (pixel: number): JournalRecord => ({
    type: "result",
    ...unit(1, pixel),
    values: { ...fit(pixel), x: 100, y: 200, z: 300, t: 400, ...result },
    runtimeSec: 1,
  });
  return stateOf("1:0 2:12", 1, planOf(1, upTo(12)), ...upTo(12).map(done), planOf(2, [5], { nside: 1, pixel: 3 })).tables;
};

test("a unit asks for its pixel's direction, in the sky and in the detector at the event's time", () => {
  const rules = plainRules();
  const payload = makePayload(rules, tablesAfter(), unit(2, 5));
  const { raRad, decRad } = ringToSky(2, 5);
  expect(payload).toMatchObject({
    nside: 2,
    pixel: 5,
    posvar: 0,
    direction: { raRad, decRad, ...rules.skyFrame.equaToDir(raRad, decRad) },
  });
});

describe("a seed", () => {
  test("of the first nside is the event's own", () => {
    expect(makePayload(plainRules(), tablesAfter(), unit(1, 4)).seed).toEqual({
      xM: 1,
      yM: 2,
      zM: 3,
      timeNs: 4,
      energyGeV: null,
    });
  });

  test("of a refined pixel is the best fit of the coarser one", () => {
    expect(makePayload(plainRules(), tablesAfter(), unit(2, 5)).seed).toMatchObject({ xM: 100, yM: 200, zM: 300, timeNs: 400 });
  });

  test("is the event's own where the coarser fit told no vertex", () => {
    expect(makePayload(plainRules(), tablesAfter({ z: NaN }), unit(2, 5)).seed).toMatchObject({ xM: 1, yM: 2, zM: 3, timeNs: 4 });
  });

  test("is the event's own where a damaged journal has lost the coarser pixel, or all of its nside", () => {
    for (const lost of [planOf(1, [0]), planOf(4, [0])]) {
      const { tables } = stateOf("1:0 2:12", 1, lost, planOf(2, [5], { nside: 1, pixel: 3 }));
      expect(makePayload(plainRules(), tables, unit(2, 5)).seed).toMatchObject({ xM: 1, yM: 2, zM: 3, timeNs: 4 });
    }
  });

  test("has null where the event's own seed is not known", () => {
    const rules = plainRules({ eventSeed: { xM: 1, yM: NaN, zM: 3, timeNs: Infinity } });
    expect(makePayload(rules, tablesAfter(), unit(1, 0)).seed).toEqual({ xM: 1, yM: null, zM: 3, timeNs: null, energyGeV: null });
  });

  test("is moved by the offset of its variation, turned to the pixel's direction where the reco wants that", () => {
    const offsetsM = [
      [0, 0, 0],
      [10, 20, 30],
    ] as const;
    const plain = makePayload(plainRules({ offsetsM }), tablesAfter(), unit(1, 4, 1));
    expect(plain.seed).toMatchObject({ xM: 11, yM: 22, zM: 33 });
    const turned = makePayload(plainRules({ offsetsM, rotateVertex: true }), tablesAfter(), unit(1, 4, 1));
    const { zenithRad, azimuthRad } = turned.direction;
    const [x, y, z] = rotateOffset(offsetsM[1], zenithRad, azimuthRad);
    expect(turned.seed).toMatchObject({ xM: 1 + x, yM: 2 + y, zM: 3 + z });
  });

  test("takes its time from the hits where the reco wants that, after it was moved", () => {
    const hits = [{ xM: 50, yM: 60, zM: 70, timeNs: 1000 }];
    const offsetsM = [[5, 5, 5]] as const;
    const { seed, direction } = makePayload(plainRules({ refineTimeFrom: hits, offsetsM }), tablesAfter(), unit(1, 4));
    const moved = { xM: 6, yM: 7, zM: 8, timeNs: 4 };
    expect(seed).toMatchObject({ ...moved, timeNs: refinedTimeNs(hits, moved, direction.zenithRad, direction.azimuthRad) });
    expect(seed!.timeNs).not.toBe(4);
  });
});

describe("the fallback seed", () => {
  const offsetsM = [
    [0, 0, 0],
    [10, 20, 30],
  ] as const;

  test("is the event's own, with the same variation, where the coarser fit gave another", () => {
    const payload = makePayload(plainRules({ addFallbackPosition: true, offsetsM }), tablesAfter(), unit(2, 5, 1));
    expect(payload.seed).toMatchObject({ xM: 110, yM: 220, zM: 330, timeNs: 400 });
    expect(payload.fallbackSeed).toMatchObject({ xM: 11, yM: 22, zM: 33, timeNs: 4 });
  });

  test("is left out where it is no other, and where the reco wants none", () => {
    expect(
      makePayload(plainRules({ addFallbackPosition: true, offsetsM }), tablesAfter(), unit(1, 4, 1)).fallbackSeed,
    ).toBeNull();
    expect(makePayload(plainRules({ offsetsM }), tablesAfter(), unit(2, 5)).fallbackSeed).toBeNull();
  });
});
