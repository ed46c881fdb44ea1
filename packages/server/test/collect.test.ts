import { encode, protocolVersion } from "@skyscan/protocol";
import type { Outcome, ReplyMessage } from "@skyscan/protocol";
import { silentLogger } from "@skyscan/runtime";
import { beforeEach, describe, expect, test } from "vitest";
import { createCollect } from "../src/units/collect.ts";
import type { Collect } from "../src/units/collect.ts";
import { createCounters } from "../src/state/counters.ts";
import type { Counters } from "../src/state/counters.ts";
import type { Dispatch } from "../src/units/dispatch.ts";
import type { ScanState } from "../src/state/scan-state.ts";
import { consumerOf, declinedFor, deliveryOf, failureFor, holdingFor, replyBytes, resultFor, scan } from "./deliveries.ts";
import type { TestDelivery } from "./deliveries.ts";
import { dispatchOver } from "./dispatch-over.ts";
import { copiesOf } from "./late-units.ts";
import { memoryJournal, planOf, recordingPublisher, stateOf, unit, upTo } from "./stand-ins.ts";
import type { MemoryJournal, RecordingPublisher } from "./stand-ins.ts";

let state: ScanState;
let journal: MemoryJournal;
let publisher: RecordingPublisher;
let dispatch: Dispatch;
let counters: Counters;
let collect: Collect;
let aliveHosts: number;
let now: number;

function begin(options: { held?: boolean; maxAttempts?: number; posvars?: number } = {}): void {
  state = stateOf("1:0", options.posvars ?? 1, planOf(1, upTo(12)));
  journal = memoryJournal(options.held ?? false);
  publisher = recordingPublisher();
  counters = createCounters();
  aliveHosts = 10;
  now = 1000;
  dispatch = dispatchOver(state, publisher, { scanId: scan, nowMs: () => now });
  collect = createCollect({
    scanId: scan,
    state,
    journal,
    dispatch,
    copies: copiesOf({ journal, dispatch, counters, nowMs: () => now }),
    counters,
    maxAttempts: options.maxAttempts ?? 3,
    aliveHosts: () => aliveHosts,
    fitterOf: () => undefined,
    nowMs: () => now,
    logger: silentLogger,
    onOutcome: () => undefined,
    onChange: () => dispatch.pump(),
    onKilled: () => undefined,
  });
  dispatch.enqueue(state.tables.get(1)!, Uint32Array.from(upTo(12)));
  dispatch.pump();
}
beforeEach(() => begin());

async function reply(outcomes: readonly Outcome[], more: Partial<ReplyMessage> = {}): Promise<TestDelivery> {
  const delivery = deliveryOf(replyBytes(outcomes, more));
  await collect.replies(consumerOf(delivery));
  return delivery;
}
const from = (host: string): Partial<ReplyMessage> => ({ host, worker: `${host}-1` });
const sentAgain = (): string[] => publisher.ids.slice(12);

describe("a result", () => {
  test("is final, with NaN for what the reco did not tell", async () => {
    await reply([resultFor("1/4/0", null)]);
    expect(state.isOpen(unit(1, 4))).toBe(false);
    expect(state.tables.get(1)!.bestAt(4).llh).toBeNaN();
    expect(journal.records).toMatchObject([
      { type: "worker", index: 0, worker: "host-a-1", host: "host-a" },
      { type: "result", pixel: 4, values: { eTot: 2, x: 3, t: 6 }, worker: 0 },
    ]);
    expect(dispatch.outstanding.has("1/4/0")).toBe(false);
  });

  test("is taken whatever its attempt or run; the second one is dropped and counted", async () => {
    await reply([failureFor("1/4/0")]);
    await reply([resultFor("1/4/0", 7, 1)], { run: 9 });
    const second = await reply([resultFor("1/4/0", 1, 2)]);
    expect(state.tables.get(1)!.llhAt(4)).toBe(7);
    expect([counters.duplicates, second.acked]).toEqual([1, true]);
    expect(journal.records.filter(({ type }) => type === "result")).toHaveLength(1);
  });

  test("is acked only when it is on disk; a duplicate too, and not before the first", async () => {
    begin({ held: true });
    const first = await reply([resultFor("1/4/0")]);
    const second = await reply([resultFor("1/4/0")]);
    expect([first.acked, second.acked]).toEqual([false, false]);
    journal.sync();
    expect([first.acked, second.acked]).toEqual([true, true]);
  });
});

describe("a failure", () => {
  test("is journalled, and tried again elsewhere with the next attempt", async () => {
    await reply([failureFor("1/4/0")]);
    expect(journal.records).toMatchObject([{ type: "failure", attempt: 1, host: "host-a", stderrTail: "the end of stderr" }]);
    expect(sentAgain()).toEqual(["1/4/0"]);
    expect(publisher.units.at(-1)).toMatchObject({ attempt: 2, avoid: ["host-a"] });
  });

  test("of an older attempt counts nothing", async () => {
    await reply([failureFor("1/4/0", 1)]);
    await reply([failureFor("1/4/0", 1)], from("host-b"));
    expect([counters.failures, counters.duplicates]).toEqual([1, 1]);
    expect(state.attemptOf(unit(1, 4))).toBe(2);
    expect(sentAgain()).toEqual(["1/4/0"]);
  });

  test("after max-attempts on distinct hosts makes the unit NaN, with its reason and all its tries", async () => {
    for (const attempt of [1, 2, 3])
      await reply([failureFor("1/4/0", attempt, { message: `try ${attempt}` })], from(`host-${attempt}`));
    expect(state.isOpen(unit(1, 4))).toBe(false);
    expect(state.failedUnits).toMatchObject([{ pixel: 4, code: "crashed", message: "try 3" }]);
    expect(state.failedUnits[0]!.failures.map(({ host }) => host)).toEqual(["host-1", "host-2", "host-3"]);
    expect(sentAgain()).toEqual(["1/4/0", "1/4/0"]);
    expect(journal.records.map(({ type }) => type)).toEqual(["failure", "failure", "failure", "gave-up"]);
  });

  test("on one host only goes on up to twice max-attempts, since another host may do it", async () => {
    for (const attempt of upTo(5)) await reply([failureFor("1/4/0", attempt + 1)]);
    expect(state.isOpen(unit(1, 4))).toBe(true);
    await reply([failureFor("1/4/0", 6)]);
    expect(state.isOpen(unit(1, 4))).toBe(false);
  });

  test("on the only host there is ends at max-attempts", async () => {
    aliveHosts = 1;
    for (const attempt of [1, 2, 3]) await reply([failureFor("1/4/0", attempt)]);
    expect(state.isOpen(unit(1, 4))).toBe(false);
  });

  test("that no other try can cure makes the unit NaN at once", async () => {
    await reply([failureFor("1/4/0", 1, { retry: false, code: "bad-input", message: "no hits" })]);
    expect(state.failedUnits).toMatchObject([{ pixel: 4, code: "bad-input", message: "no hits" }]);
    expect(sentAgain()).toEqual([]);
  });

  test("never ends a unit at max-attempts 0", async () => {
    begin({ maxAttempts: 0 });
    for (const attempt of upTo(30)) await reply([failureFor("1/4/0", attempt + 1)], from(`host-${attempt}`));
    expect([state.isOpen(unit(1, 4)), sentAgain().length]).toEqual([true, 30]);
  });
});

describe("declined and holding", () => {
  test("a declined unit goes out again; after two declines without hosts to avoid", async () => {
    await reply([failureFor("1/4/0")]);
    await reply([declinedFor("1/4/0", 2)]);
    expect(publisher.units.at(-1)).toMatchObject({ attempt: 2, avoid: ["host-a"] });
    await reply([declinedFor("1/4/0", 2)]);
    expect(publisher.units.at(-1)).not.toHaveProperty("avoid");
    expect([sentAgain().length, counters.declined]).toEqual([3, 2]);
    expect(state.attemptOf(unit(1, 4))).toBe(2);
  });

  test("a held unit is the server's care: its worker is known and its time begins anew", async () => {
    now = 5000;
    await reply([holdingFor("1/4/0")]);
    expect(dispatch.outstanding.get("1/4/0")).toMatchObject({ holder: "host-a-1", sinceMs: 5000 });
    await reply([resultFor("1/4/0")]);
    expect(dispatch.outstanding.has("1/4/0")).toBe(false);
  });

  test("of a final unit both are duplicates", async () => {
    await reply([resultFor("1/4/0")]);
    await reply([declinedFor("1/4/0"), holdingFor("1/4/0")]);
    expect([counters.duplicates, sentAgain().length]).toEqual([2, 0]);
  });
});

describe("what does not belong here is counted, set aside and acked", () => {
  test.each([
    ["garbage", new Uint8Array([0xc1, 2, 3]), { invalid: 1 }],
    ["nothing", new Uint8Array(0), { invalid: 1 }],
    ["another kind of message", encode({ v: protocolVersion, scan, run: 1, type: "end" }), { invalid: 1 }],
    ["another protocol version", replyBytes([resultFor("1/4/0")], { v: 2 }), { invalid: 1 }],
    ["more than 8 MiB", new Uint8Array(8 * 1024 * 1024 + 1), { invalid: 1 }],
    ["another scan's", replyBytes([resultFor("1/4/0"), resultFor("1/5/0")], { scan: "another" }), { foreign: 2 }],
    ["a unit of an nside that is not scanned", replyBytes([resultFor("2/4/0")]), { foreign: 1 }],
    ["a pixel beyond the sky", replyBytes([resultFor("1/12/0")]), { foreign: 1 }],
    ["a variation that is not asked for", replyBytes([resultFor("1/4/1")]), { foreign: 1 }],
    ["no unit id", replyBytes([resultFor("pixel four")]), { foreign: 1 }],
    ["another spelling of a unit", replyBytes([resultFor("1/04/0")]), { foreign: 1 }],
  ])("%s", async (_, body, counted) => {
    const delivery = deliveryOf(body);
    await collect.replies(consumerOf(delivery));
    expect(delivery.acked).toBe(true);
    expect(counters).toEqual({ ...createCounters(), ...counted });
    expect(journal.records).toEqual([]);
    expect(dispatch.outstanding.size).toBe(12);
  });

  test("and what stands beside it in the same message is taken", async () => {
    await reply([resultFor("2/0/0"), resultFor("1/4/0"), resultFor("x")]);
    expect([state.finalUnits, counters.foreign]).toEqual([1, 2]);
  });
});

describe("the dead-letter queue", () => {
  const dead = async (...ids: string[]): Promise<TestDelivery> => {
    const units = ids.map((id) => publisher.units.find((work) => work.unit === id)!);
    const delivery = deliveryOf(encode({ v: protocolVersion, scan, run: 1, proven: false, units }));
    await collect.dead(consumerOf(delivery));
    return delivery;
  };

  test("a unit goes out again four times, the fifth arrival kills it", async () => {
    for (const arrival of upTo(4)) {
      await dead("1/4/0");
      expect(sentAgain()).toHaveLength(arrival + 1);
    }
    await dead("1/4/0");
    expect(sentAgain()).toHaveLength(4);
    expect(state.failedUnits).toMatchObject([{ pixel: 4, code: "killed" }]);
    expect(counters.dead).toBe(5);
  });

  test("a batch counts for each of its units", async () => {
    await dead("1/4/0", "1/5/0");
    expect(sentAgain()).toEqual(["1/4/0", "1/5/0"]);
  });

  test("a unit that is final by now is let go", async () => {
    await reply([resultFor("1/4/0")]);
    expect((await dead("1/4/0")).acked).toBe(true);
    expect(sentAgain()).toEqual([]);
  });

  test("is no failure of the unit: its attempt stays", async () => {
    await dead("1/4/0");
    expect(publisher.units.at(-1)).toMatchObject({ unit: "1/4/0", attempt: 1 });
  });

  test("garbage is set aside", async () => {
    const delivery = deliveryOf(new Uint8Array([1, 2, 3]));
    await collect.dead(consumerOf(delivery));
    expect([delivery.acked, counters.invalid]).toEqual([true, 1]);
  });

  test("arrivals are acked only when they are on disk", async () => {
    begin({ held: true });
    dispatch.again(unit(1, 4));
    dispatch.pump();
    const delivery = await dead("1/4/0");
    expect(delivery.acked).toBe(false);
    journal.sync();
    expect(delivery.acked).toBe(true);
  });
});
