import { encode } from "@skyscan/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import type { Care } from "../src/units/care.ts";
import type { Counters } from "../src/state/counters.ts";
import type { Dispatch } from "../src/units/dispatch.ts";
import type { ScanState } from "../src/state/scan-state.ts";
import type { Workers } from "../src/workers/workers.ts";
import { consumerOf, deliveryOf, failureFor, holdingFor, replyBytes, resultFor, statusOf } from "./deliveries.ts";
import { scanParts } from "./scan-parts.ts";
import type { ScanParts } from "./scan-parts.ts";
import { planOf, stateOf, unit, upTo } from "./stand-ins.ts";
import type { MemoryJournal, RecordingPublisher } from "./stand-ins.ts";

let now: number;
let state: ScanState;
let journal: MemoryJournal;
let publisher: RecordingPublisher;
let dispatch: Dispatch;
let workers: Workers;
let counters: Counters;
let care: Care;
let parts: ScanParts;
/** Messages that wait in the work queue, as the broker would say. */
let waiting: number;
let answer: (id: string, kind: "result" | "holding" | "failure") => Promise<void>;
let deadLetter: (id: string) => Promise<void>;

beforeEach(() => {
  now = 0;
  waiting = 0;
  state = stateOf("1:0", 1, planOf(1, upTo(12)));
  parts = scanParts(state, { nowMs: () => now, waiting: () => waiting });
  ({ journal, publisher, dispatch, workers, counters, care } = parts);
  answer = (id, kind) => {
    const outcome = { result: resultFor, holding: holdingFor, failure: failureFor }[kind](id);
    return parts.collect.replies(consumerOf(deliveryOf(replyBytes([outcome]))));
  };
  deadLetter = async (id) => {
    const body = publisher.messages.findLast((message) => message.units.some(({ unit }) => unit === id))!;
    await parts.collect.dead(consumerOf(deliveryOf(encode(body))));
  };
});

/** Two units out. */
function publish(): void {
  dispatch.enqueue(state.tables.get(1)!, Uint32Array.from([0, 1]));
  dispatch.pump();
}
const sentAgain = (): string[] => {
  dispatch.pump();
  return publisher.ids.slice(2);
};

describe("a unit in the server's care", () => {
  beforeEach(async () => {
    publish();
    workers.beat(statusOf("host-a-1", { holding: [{ unit: "1/0/0", elapsedSec: 900 }] }));
    now = 1000;
    await answer("1/0/0", "holding");
  });

  test("stays with a worker that goes on beating and listing it", () => {
    for (const beat of upTo(100)) {
      now = 11_000 + 10_000 * beat;
      workers.beat(statusOf("host-a-1", { holding: [{ unit: "1/0/0", elapsedSec: 900 + 10 * beat }] }));
      care.sweep();
    }
    expect(sentAgain()).toEqual([]);
  });

  test("goes out again when its worker misses three beats", () => {
    now = 30_000;
    care.sweep();
    expect(sentAgain()).toEqual([]);
    now = 30_001;
    care.sweep();
    expect(sentAgain()).toEqual(["1/0/0"]);
    expect([counters.workersLost, counters.republished]).toEqual([1, 1]);
    care.sweep();
    expect(sentAgain()).toHaveLength(1);
  });

  test("goes out again when its worker says goodbye", () => {
    workers.beat(statusOf("host-a-1", { state: "goodbye" }));
    care.sweep();
    expect(sentAgain()).toEqual(["1/0/0"]);
  });

  test("goes out again when its worker no longer lists it and has not answered, after a grace time for the answer", () => {
    now = 10_000;
    workers.beat(statusOf("host-a-1"));
    care.sweep();
    now = 24_999;
    care.sweep();
    expect(sentAgain()).toEqual([]);
    now = 25_000;
    care.sweep();
    expect(sentAgain()).toEqual(["1/0/0"]);
  });

  test("does not go out again when the answer comes within that time", async () => {
    now = 10_000;
    workers.beat(statusOf("host-a-1"));
    care.sweep();
    await answer("1/0/0", "result");
    now = 60_000;
    care.sweep();
    expect(sentAgain()).toEqual([]);
  });

  test("is not looked for before a beat that is younger than the care", async () => {
    now = 5000;
    workers.beat(statusOf("host-a-1"));
    now = 6000;
    await answer("1/0/0", "holding");
    now = 25_500;
    care.sweep();
    expect(sentAgain()).toEqual([]);
  });
});

describe("a unit that five lost workers were fitting", () => {
  const lose = (worker: string, elapsedSec: number): void => {
    workers.beat(statusOf(worker, { holding: [{ unit: "1/0/0", elapsedSec }] }));
    now += 31_000;
    care.sweep();
  };

  test("is killed; four are no failure of the unit", () => {
    publish();
    for (const worker of upTo(4)) lose(`host-a-${worker}`, 5);
    expect([state.isOpen(unit(1, 0)), state.attemptOf(unit(1, 0))]).toEqual([true, 1]);
    lose("host-a-4", 5);
    expect(state.failedUnits).toMatchObject([{ pixel: 0, code: "killed", message: "5 workers were lost while they fitted it" }]);
    expect(journal.records.map(({ type }) => type)).toEqual([...upTo(5).map(() => "lost"), "gave-up"]);
  });

  test("is called final to all clients, so that whoever still gets its message acks it unfitted", () => {
    publish();
    for (const worker of upTo(4)) lose(`host-a-${worker}`, 5);
    parts.killers.tell();
    expect(parts.broadcaster.sent).toEqual([]);
    lose("host-a-4", 5);
    parts.killers.tell();
    expect(parts.broadcaster.sent).toMatchObject([{ type: "cancel", units: ["1/0/0"] }]);
  });

  test("counts workers, not losses: one that comes and goes is one", () => {
    publish();
    for (const _ of upTo(8)) lose("host-a-1", 5);
    expect(state.isOpen(unit(1, 0))).toBe(true);
  });

  test("counts only workers that had begun it", () => {
    publish();
    for (const worker of upTo(8)) lose(`host-a-${worker}`, 0);
    expect(state.troubleOf(unit(1, 0))).toBeUndefined();
  });
});

describe("the audit", () => {
  const audits = async (times: number): Promise<void> => {
    for (const _ of upTo(times)) await care.audit();
  };

  test("sends again what is neither queued nor listed, twice in a row, long after it went out", async () => {
    publish();
    now = 30_000;
    await audits(3);
    expect(sentAgain()).toEqual([]);
    now = 30_001;
    await care.audit();
    expect(sentAgain()).toEqual([]);
    await care.audit();
    expect(sentAgain().sort()).toEqual(["1/0/0", "1/1/0"]);
  });

  test("leaves alone what an alive worker lists, what waits in the queue, and what is in care", async () => {
    publish();
    now = 40_000;
    workers.beat(statusOf("host-a-1", { holding: [{ unit: "1/0/0", elapsedSec: 0 }] }));
    await answer("1/1/0", "holding");
    await audits(3);
    expect(sentAgain()).toEqual([]);
    now = 50_000;
    workers.beat(statusOf("host-a-1"));
    waiting = 1;
    await audits(3);
    expect(sentAgain()).toEqual([]);
  });
});

describe("a unit that comes to the dead letters", () => {
  const lastBeats = (...names: readonly string[]): void => {
    for (const name of names) workers.beat(statusOf(name, { holding: [{ unit: "1/0/0", elapsedSec: 0.001 }] }));
  };
  beforeEach(publish);

  test("goes out again at once when nobody says that he is fitting it; alone", async () => {
    workers.beat(statusOf("host-a-1", { holding: [{ unit: "1/0/0", elapsedSec: 0 }] }));
    await deadLetter("1/0/0");
    expect(sentAgain()).toEqual(["1/0/0"]);
    expect(publisher.units.at(-1)).toMatchObject({ alone: true });
  });

  test("rests until who was fitting it is known to be lost, and with the fifth lost worker is NaN without going out again", async () => {
    lastBeats("host-a-1", "host-b-1", "host-c-1", "host-d-1");
    now = 1000;
    lastBeats("host-e-1");
    await deadLetter("1/0/0");
    now = 30_500;
    care.sweep();
    expect(sentAgain()).toEqual([]);
    now = 31_001;
    care.sweep();
    expect(sentAgain()).toEqual([]);
    expect(state.failedUnits).toMatchObject([
      { pixel: 0, code: "killed", message: expect.stringContaining("5 workers") as string },
    ]);
  });

  test("goes out again, alone, when fewer than five were lost over it", async () => {
    lastBeats("host-a-1", "host-b-1");
    await deadLetter("1/0/0");
    now = 30_001;
    care.sweep();
    expect(sentAgain()).toEqual(["1/0/0"]);
    expect(publisher.units.at(-1)).toMatchObject({ unit: "1/0/0", attempt: 1, alone: true });
  });

  test("stays with a worker that lives and goes on fitting it", async () => {
    lastBeats("host-a-1");
    await deadLetter("1/0/0");
    for (now = 10_000; now < 100_000; now += 10_000) {
      lastBeats("host-a-1");
      care.sweep();
    }
    expect(sentAgain()).toEqual([]);
    await answer("1/0/0", "result");
    expect(state.isOpen(unit(1, 0))).toBe(false);
  });
});

test("what was fitted beside a unit that takes its workers down goes out alone from the second loss on, and is not to blame", () => {
  publish();
  const beside = [
    { unit: "1/0/0", elapsedSec: 20 },
    { unit: "1/1/0", elapsedSec: 20 },
  ];
  const lose = (name: string, holding: typeof beside): void => {
    workers.beat(statusOf(name, { holding }));
    now += 31_000;
    care.sweep();
    for (const { unit: id } of holding) dispatch.again(unit(1, Number(id.split("/")[1])));
    dispatch.pump();
  };
  lose("host-a-1", beside);
  expect(publisher.units.slice(-2).map(({ alone }) => alone)).toEqual([undefined, undefined]);
  lose("host-b-1", beside);
  expect(publisher.units.slice(-2).map(({ alone }) => alone)).toEqual([true, true]);
  for (const name of ["host-c-1", "host-d-1", "host-e-1"]) lose(name, beside.slice(0, 1));
  expect(state.failedUnits).toMatchObject([{ pixel: 0, code: "killed" }]);
  expect(state.isOpen(unit(1, 1))).toBe(true);
});
