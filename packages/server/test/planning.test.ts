import { silentLogger } from "@skyscan/runtime";
import { describe, expect, test } from "vitest";
import type { Dispatch } from "../src/units/dispatch.ts";
import type { PlanRecord } from "../src/journal/records.ts";
import { createPlanning } from "../src/units/planning.ts";
import type { Planning } from "../src/units/planning.ts";
import type { ScanState } from "../src/state/scan-state.ts";
import { dispatchOver } from "./dispatch-over.ts";
import { memoryJournal, planOf, recordingPublisher, resultOf, stateOf, unit, upTo } from "./stand-ins.ts";
import type { MemoryJournal, RecordingPublisher } from "./stand-ins.ts";

interface Parts {
  readonly state: ScanState;
  readonly journal: MemoryJournal;
  readonly publisher: RecordingPublisher;
  readonly dispatch: Dispatch;
  readonly planning: Planning;
  /** As a client would: result of a unit that is out. */
  readonly answer: (nside: number, pixels: Iterable<number>, llhOf?: (pixel: number) => number) => void;
  readonly plans: () => readonly PlanRecord[];
}

function parts(state: ScanState, threshold = 1, journal = memoryJournal(), window = 1e6): Parts {
  const publisher = recordingPublisher();
  const dispatch = dispatchOver(state, publisher, { window: () => window });
  const planning = createPlanning({
    state,
    journal,
    dispatch,
    predictiveScanningThreshold: threshold,
    pointed: undefined,
    logger: silentLogger,
  });
  return {
    state,
    journal,
    publisher,
    dispatch,
    planning,
    answer(nside, pixels, llhOf = (pixel) => pixel) {
      for (const pixel of pixels) {
        state.apply(resultOf(unit(nside, pixel), llhOf(pixel)));
        dispatch.settle(`${nside}/${pixel}/0`);
      }
    },
    plans: () => journal.records.filter((record) => record.type === "plan"),
  };
}

describe("at threshold 1.0", () => {
  test("nothing is planned again before all that was planned is final", () => {
    const { planning, answer, plans, publisher } = parts(stateOf("1:0 2:2", 1));
    expect(planning.consider()).toBe(false);
    expect(publisher.ids).toHaveLength(12);
    answer(1, upTo(11));
    expect(planning.consider()).toBe(false);
    expect(plans()).toHaveLength(1);
    answer(1, [11]);
    expect(planning.consider()).toBe(false);
    expect(plans()).toHaveLength(2);
    answer(2, plans()[1]!.pixels);
    expect(planning.consider()).toBe(true);
    expect(plans()).toHaveLength(2);
  });

  test("a plan is in the journal before the first of its units is published", () => {
    const { planning, journal, publisher } = parts(stateOf("1:0", 1), 1, memoryJournal(true));
    planning.consider();
    expect([journal.records.length, publisher.ids.length]).toEqual([1, 0]);
    // Nor is it planned a second time, nor taken for the end.
    expect(planning.consider()).toBe(false);
    journal.sync();
    expect([journal.records.length, publisher.ids.length]).toEqual([1, 12]);
  });

  test("a scan in which every fit failed ends without refinement", () => {
    const { planning, answer } = parts(stateOf("1:0 2:2", 1));
    planning.consider();
    answer(1, upTo(12), () => NaN);
    expect(planning.consider()).toBe(true);
  });

  test("large plans are journalled in pieces that each fit a record", () => {
    const { planning, plans, dispatch, state } = parts(stateOf("128:0", 1), 1, memoryJournal(), 0);
    planning.consider();
    expect(plans().map(({ pixels }) => pixels.length)).toEqual([50_000, 50_000, 50_000, 46_608]);
    expect([state.plannedUnits, dispatch.waiting]).toEqual([12 * 128 * 128, 12 * 128 * 128]);
  });
});

describe("below it", () => {
  const threshold = 0.5;

  test("refinement begins when that part of an nside is done, and again at each tenth above", () => {
    const { planning, answer, plans } = parts(stateOf("2:0 4:2", 1), threshold);
    planning.consider();
    const sizes: number[] = [];
    // Always a new best, each the other side of the sky: every generation finds something.
    upTo(48).forEach((position) => {
      const pixel = position % 2 === 0 ? position / 2 : 47 - (position - 1) / 2;
      answer(2, [pixel], () => -position);
      const before = plans().length;
      planning.consider();
      if (plans().length > before) sizes.push(position + 1);
    });
    expect(sizes).toEqual([24, 29, 34, 39, 44, 48]);
  });

  test("the finest nside has no thresholds: it plans nothing beyond itself", () => {
    const { planning, answer, plans } = parts(stateOf("2:0", 1), 0.1);
    planning.consider();
    answer(2, upTo(47));
    expect(planning.consider()).toBe(false);
    answer(2, [47]);
    expect(planning.consider()).toBe(true);
    expect(plans()).toHaveLength(1);
  });
});

describe("on resume", () => {
  test("a replayed plan is not made again; what the damage of a journal lost of the first nside is", () => {
    const whole = parts(stateOf("1:0", 1, planOf(1, upTo(12)), ...upTo(12).map((pixel) => resultOf(unit(1, pixel), pixel))));
    expect(whole.planning.consider()).toBe(true);
    expect(whole.plans()).toEqual([]);

    const damaged = parts(stateOf("1:0", 1, planOf(1, upTo(9)), ...upTo(9).map((pixel) => resultOf(unit(1, pixel), pixel))));
    expect(damaged.planning.consider()).toBe(false);
    expect([...damaged.plans()[0]!.pixels]).toEqual([9, 10, 11]);
    expect(new Set(damaged.publisher.ids)).toEqual(new Set(["1/9/0", "1/10/0", "1/11/0"]));
  });

  test("a journal that lost the whole plan of its first nside gets it again, and the end waits for it", () => {
    const state = stateOf("1:0 2:2", 1, planOf(2, [5], { nside: 1, pixel: 0 }), resultOf(unit(2, 5), 1));
    const { planning, publisher, answer } = parts(state);
    expect(planning.consider()).toBe(false);
    expect(publisher.ids).toHaveLength(12);
    answer(1, upTo(12));
    expect(planning.consider()).toBe(false);
    expect(publisher.ids.length).toBeGreaterThan(12);
    expect(publisher.ids).not.toContain("2/5/0");
  });
});
