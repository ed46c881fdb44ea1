import { BrokerError } from "@skyscan/broker";
import { describe, expect, test } from "vitest";
import type { Dispatch, DispatchOptions } from "../src/units/dispatch.ts";
import type { ScanState } from "../src/state/scan-state.ts";
import { dispatchOver } from "./dispatch-over.ts";
import { failureOf, planOf, recordingPublisher, resultOf, stateOf, unit, upTo } from "./stand-ins.ts";

function dispatchOf(state: ScanState, more: Partial<DispatchOptions> = {}): Dispatch {
  return dispatchOver(state, recordingPublisher(), { run: 3, window: () => 5, nowMs: () => 1000, ...more });
}

const sky = (): ScanState => stateOf("1:0", 1, planOf(1, upTo(12)));
const order = (...rows: number[]): Uint32Array => Uint32Array.from(rows);

describe("publishing", () => {
  test("keeps to the window: as one comes back, one goes out, in the order of the plan", () => {
    const state = sky();
    const publisher = recordingPublisher();
    const dispatch = dispatchOf(state, { publisher });
    dispatch.enqueue(state.tables.get(1)!, order(...upTo(12).reverse()));
    dispatch.pump();
    dispatch.pump();
    expect(publisher.ids).toEqual(["1/11/0", "1/10/0", "1/9/0", "1/8/0", "1/7/0"]);
    expect([dispatch.outstanding.size, dispatch.waiting, dispatch.published]).toEqual([5, 7, 5]);
    state.apply(resultOf(unit(1, 9), 1));
    dispatch.settle("1/9/0");
    dispatch.pump();
    expect(publisher.ids.slice(5)).toEqual(["1/6/0"]);
  });

  test("all variations of a pixel go out one after the other", () => {
    const state = stateOf("1:0", 3, planOf(1, [4, 5]));
    const publisher = recordingPublisher();
    const dispatch = dispatchOf(state, { publisher });
    dispatch.enqueue(state.tables.get(1)!, order(1, 0));
    dispatch.pump();
    expect(publisher.ids).toEqual(["1/5/0", "1/5/1", "1/5/2", "1/4/0", "1/4/1"]);
  });

  test("a message says what it is, and whether any fit has ever succeeded", () => {
    const state = sky();
    const publisher = recordingPublisher();
    const dispatch = dispatchOf(state, { publisher, window: () => 1 });
    dispatch.enqueue(state.tables.get(1)!, order(0, 1));
    dispatch.pump();
    state.apply(resultOf(unit(1, 0), NaN));
    dispatch.settle("1/0/0");
    dispatch.pump();
    expect(publisher.messages.map(({ v, scan, run, proven }) => [v, scan, run, proven])).toEqual([
      [1, "s", 3, false],
      [1, "s", 3, true],
    ]);
    expect(publisher.units[0]).toMatchObject({ unit: "1/0/0", attempt: 1, payload: { nside: 1, pixel: 0, posvar: 0 } });
    expect(publisher.units[0]).not.toHaveProperty("avoid");
  });

  test("units of one nside travel together, never of two", () => {
    const state = stateOf("1:0 2:1", 1, planOf(1, upTo(5)), planOf(2, [7, 8]));
    const publisher = recordingPublisher();
    const asked: [number, number][] = [];
    const batchSize = (nside: number, waiting: number): number => {
      asked.push([nside, waiting]);
      return 3;
    };
    const dispatch = dispatchOf(state, { publisher, window: () => 100, batchSize });
    dispatch.enqueue(state.tables.get(1)!, order(...upTo(5)));
    dispatch.enqueue(state.tables.get(2)!, order(0, 1));
    dispatch.pump();
    expect(publisher.messages.map(({ units }) => units.map(({ unit: id }) => id))).toEqual([
      ["1/0/0", "1/1/0", "1/2/0"],
      ["1/3/0", "1/4/0"],
      ["2/7/0", "2/8/0"],
    ]);
    expect(asked).toEqual([
      [1, 7],
      [1, 4],
      [2, 2],
    ]);
    expect(dispatch.outstanding.size).toBe(7);
  });

  test("a batch waits for room in the window instead of becoming small, but one always goes when nothing is out", () => {
    const state = sky();
    const publisher = recordingPublisher();
    const dispatch = dispatchOf(state, { publisher, window: () => 5, batchSize: () => 4 });
    dispatch.enqueue(state.tables.get(1)!, order(...upTo(12)));
    dispatch.pump();
    expect(publisher.messages.map(({ units }) => units.length)).toEqual([4]);
    for (const pixel of [0, 1, 2]) {
      state.apply(resultOf(unit(1, pixel), 1));
      dispatch.settle(`1/${pixel}/0`);
      dispatch.pump();
    }
    expect(publisher.messages.map(({ units }) => units.length)).toEqual([4, 4]);
    const narrow = dispatchOf(sky(), { publisher, window: () => 2, batchSize: () => 4 });
    narrow.enqueue(state.tables.get(1)!, order(...upTo(12)));
    narrow.pump();
    expect(publisher.messages).toHaveLength(3);
  });

  test("what is tried again travels alone", () => {
    const state = sky();
    const publisher = recordingPublisher();
    const dispatch = dispatchOf(state, { publisher, window: () => 100, batchSize: () => 4 });
    dispatch.enqueue(state.tables.get(1)!, order(...upTo(4)));
    dispatch.pump();
    for (const pixel of [1, 2]) {
      state.apply(failureOf(unit(1, pixel), 1));
      dispatch.again(unit(1, pixel));
    }
    dispatch.pump();
    expect(publisher.messages.map(({ units }) => units.length)).toEqual([4, 1, 1]);
  });

  test("what must go out again goes before the plan", () => {
    const state = sky();
    const publisher = recordingPublisher();
    const dispatch = dispatchOf(state, { publisher, window: () => 2 });
    dispatch.enqueue(state.tables.get(1)!, order(...upTo(12)));
    dispatch.pump();
    state.apply(failureOf(unit(1, 1), 1));
    dispatch.again(unit(1, 1));
    dispatch.pump();
    expect(publisher.ids).toEqual(["1/0/0", "1/1/0", "1/1/0"]);
    expect(publisher.units[2]).toMatchObject({ attempt: 2, avoid: ["host-a"] });
  });

  test("a final unit is never published: not by the plan, not again", () => {
    const state = sky();
    const publisher = recordingPublisher();
    const dispatch = dispatchOf(state, { publisher });
    dispatch.enqueue(state.tables.get(1)!, order(0, 1, 2));
    state.apply(resultOf(unit(1, 0), 1));
    state.apply({ type: "gave-up", ...unit(1, 2), code: "crashed", message: "" });
    dispatch.again(unit(1, 0));
    dispatch.pump();
    expect(publisher.ids).toEqual(["1/1/0"]);
    expect(dispatch.waiting).toBe(0);
  });

  test("a unit that is out is not published a second time, however often it is asked for", () => {
    const state = sky();
    const publisher = recordingPublisher();
    const dispatch = dispatchOf(state, { publisher });
    dispatch.enqueue(state.tables.get(1)!, order(0));
    dispatch.enqueue(state.tables.get(1)!, order(0));
    dispatch.pump();
    dispatch.again(unit(1, 0));
    dispatch.again(unit(1, 0));
    dispatch.pump();
    expect(publisher.ids).toEqual(["1/0/0", "1/0/0"]);
  });

  test("a unit that a worker holds is out without a message, in the server's care", () => {
    const state = sky();
    const publisher = recordingPublisher();
    const dispatch = dispatchOf(state, { publisher });
    dispatch.enqueue(state.tables.get(1)!, order(0, 1));
    dispatch.hold(unit(1, 0), "worker-1");
    dispatch.pump();
    expect(publisher.ids).toEqual(["1/1/0"]);
    expect(dispatch.outstanding.get("1/0/0")).toMatchObject({ holder: "worker-1", sinceMs: 1000 });
  });

  test("after a reset everything open can be enqueued anew", () => {
    const state = sky();
    const publisher = recordingPublisher();
    const dispatch = dispatchOf(state, { publisher });
    dispatch.enqueue(state.tables.get(1)!, order(...upTo(12)));
    dispatch.pump();
    dispatch.again(unit(1, 0));
    dispatch.reset();
    expect([dispatch.outstanding.size, dispatch.waiting]).toEqual([0, 0]);
    dispatch.pump();
    expect(publisher.ids).toHaveLength(5);
    dispatch.enqueue(state.tables.get(1)!, order(3, 0));
    dispatch.pump();
    expect(publisher.ids.slice(5)).toEqual(["1/3/0", "1/0/0"]);
  });
});

describe("hosts to avoid", () => {
  function lastSent(state: ScanState): string[] | undefined {
    const publisher = recordingPublisher();
    const dispatch = dispatchOf(state, { publisher });
    dispatch.again(unit(1, 0));
    dispatch.pump();
    return publisher.units[0]!.avoid;
  }
  const failing = (...hosts: string[]): ScanState =>
    stateOf("1:0", 1, planOf(1, [0]), ...hosts.map((host, at) => failureOf(unit(1, 0), at + 1, host)));

  test("are those that failed the unit, each once", () => {
    expect(lastSent(failing("a", "b", "a"))).toEqual(["a", "b"]);
  });

  test("are none after two declines", () => {
    const state = failing("a");
    state.troubleFor(unit(1, 0)).declines = 1;
    expect(lastSent(state)).toEqual(["a"]);
    state.troubleFor(unit(1, 0)).declines = 2;
    expect(lastSent(state)).toBeUndefined();
  });

  test("are the latest 64, since a client would set a longer message aside", () => {
    expect(lastSent(failing(...upTo(100).map((host) => `host-${host}`)))).toEqual(upTo(64).map((host) => `host-${36 + host}`));
  });
});

describe("a publish that fails", () => {
  test("for good ends the scan", async () => {
    const lost = new BrokerError("lost", "the broker did not come back");
    const state = sky();
    const fatal = await new Promise<unknown>((resolve) => {
      const dispatch = dispatchOf(state, { publisher: recordingPublisher(() => Promise.reject(lost)), onFatal: resolve });
      dispatch.again(unit(1, 0));
      dispatch.pump();
    });
    expect(fatal).toBe(lost);
  });

  test("while the scan is being stopped is nothing", async () => {
    const stop = new AbortController();
    const state = sky();
    const dispatch = dispatchOf(state, {
      publisher: recordingPublisher(() => Promise.reject(new BrokerError("closed", "closed"))),
      signal: stop.signal,
    });
    dispatch.again(unit(1, 0));
    dispatch.pump();
    stop.abort();
    await Promise.resolve();
    dispatch.again(unit(1, 1));
    dispatch.pump();
    expect(dispatch.published).toBe(1);
  });
});
