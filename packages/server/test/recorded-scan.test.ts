import { levelOf, readSkymapFile, rowOf } from "@skyscan/skymap";
import { dataMissing, dataPath } from "@skyscan/testing";
import { describe, expect, test } from "vitest";
import { globalBest } from "../src/sky/pixels.ts";
import { createPlanning } from "../src/units/planning.ts";
import { silentLogger } from "@skyscan/runtime";
import { dispatchOver } from "./dispatch-over.ts";
import { memoryJournal, recordingPublisher, resultOf, stateOf, unit } from "./stand-ins.ts";

/** A pixel that the recorded scan did not have counts as this much worse than the worst of its nside. */
const unrecordedMargin = 1000;

describe.skipIf(dataMissing !== undefined)("over the values of a recorded scan (8:0 64:12 512:24)", () => {
  test("planning asks for the pixels that were scanned, in as many goes, and finds the same best pixels", async () => {
    const skymap = await readSkymapFile(dataPath("events/run00136662-evt000035405932-BRONZE-8_64_512.npz"));
    const recorded = (nside: number, pixel: number): number | undefined => {
      const level = levelOf(skymap, nside)!;
      const row = rowOf(level, pixel);
      return row < 0 ? undefined : level.columns.llh[row];
    };
    const worst = new Map(
      skymap.levels.map((level) => [level.nside, Math.max(...level.columns.llh.filter((llh) => !Number.isNaN(llh)))]),
    );

    const state = stateOf("8:0 64:12 512:24", 1);
    const journal = memoryJournal();
    const publisher = recordingPublisher();
    const dispatch = dispatchOver(state, publisher, { window: () => Infinity });
    const planning = createPlanning({
      state,
      journal,
      dispatch,
      predictiveScanningThreshold: 1,
      pointed: undefined,
      logger: silentLogger,
    });

    const goes: [nside: number, pixels: number][] = [];
    for (let answered = 0; !planning.consider();) {
      const asked = publisher.units.slice(answered);
      answered += asked.length;
      for (const nside of new Set(asked.map((work) => work.payload.nside))) {
        goes.push([nside, asked.filter((work) => work.payload.nside === nside).length]);
      }
      for (const { payload, unit: id } of asked) {
        const llh = recorded(payload.nside, payload.pixel) ?? worst.get(payload.nside)! + unrecordedMargin;
        state.apply(resultOf(unit(payload.nside, payload.pixel), llh));
        dispatch.settle(id);
      }
    }
    expect(goes).toEqual([
      [8, 768],
      [64, 576],
      [64, 256],
      [512, 1472],
      [512, 512],
    ]);
    const visited = (nside: number): Set<number> =>
      new Set(publisher.units.filter(({ payload }) => payload.nside === nside).map(({ payload }) => payload.pixel));
    expect(visited(8).size).toBe(768);
    expect([...visited(64)].sort((a, b) => a - b)).toEqual([...levelOf(skymap, 64)!.columns.index]);
    expect(visited(64).size).toBe(832);
    expect(visited(512).size).toBe(1984);
    expect([8, 64, 512].map((nside) => state.tables.get(nside)!.best!.pixel)).toEqual([340, 22946, 1481996]);
    expect(globalBest(state.tables)).toMatchObject({ nside: 512, pixel: 1481996 });
  });
});
