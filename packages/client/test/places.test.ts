import { describe, expect, test } from "vitest";
import { createPlaces } from "../src/places.ts";
import { createStandInRunners } from "./stand-in-runner.ts";

const runners = createStandInRunners();
const make = () => runners.make();

describe("the places of a client", () => {
  test("are as many slots for each scan as were asked for, whatever its reco", () => {
    const places = createPlaces(3, 64);
    expect(places.share(1, make).runners).toHaveLength(3);
    expect(places.share(8, make).runners).toHaveLength(3);
  });

  test("auto: are cores, and a slot takes as many as its reco has threads, all of them if there are fewer", () => {
    const places = createPlaces("auto", 8);
    const slotsOf = (threads: number): number => places.share(threads, make).runners.length;
    expect([1, 3, 4, 100].map(slotsOf)).toEqual([8, 2, 2, 1]);
  });

  test("a slot is taken while another scan's fit has one of its cores, and is told when that has gone", () => {
    const places = createPlaces("auto", 4);
    const [wide, narrow] = [places.share(2, make), places.share(1, make)];
    const told: number[] = [];
    wide.runners.forEach((runner, slot) => runner.onFree?.(() => told.push(slot)));
    narrow.runners[3]!.enter?.();
    expect(wide.runners.map(({ taken }) => taken)).toEqual([false, true]);
    wide.runners[0]!.enter?.();
    expect([wide.busy, wide.crowded, narrow.crowded]).toEqual([1, true, false]);
    expect(narrow.runners.map(({ taken }) => taken)).toEqual([true, true, false, false]);
    expect(narrow.idleMs(Infinity)).toBe(Infinity);
    narrow.runners[3]!.leave?.();
    expect(wide.runners.map(({ taken }) => taken)).toEqual([false, false]);
    expect(told).toEqual([0, 1]);
  });
});
