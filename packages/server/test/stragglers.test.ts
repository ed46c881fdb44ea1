import { beforeEach, describe, expect, test } from "vitest";
import type { Collect } from "../src/units/collect.ts";
import type { Copies } from "../src/units/copies.ts";
import type { Counters } from "../src/state/counters.ts";
import type { Dispatch } from "../src/units/dispatch.ts";
import type { UnitKey } from "../src/sky/unit-key.ts";
import { createPeers } from "../src/units/peers.ts";
import type { ScanState } from "../src/state/scan-state.ts";
import { createStragglers } from "../src/units/stragglers.ts";
import type { Stragglers } from "../src/units/stragglers.ts";
import type { Workers } from "../src/workers/workers.ts";
import { consumerOf, declinedFor, deliveryOf, failureFor, holdingFor, replyBytes, resultFor, statusOf } from "./deliveries.ts";
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
let copies: Copies;
let stragglers: Stragglers;
let broadcaster: ScanParts["broadcaster"];
let asked: number;
let collect: Collect;
/** Pixels of units over which workers were lost. */
const suspects = new Set<number>();

/** The units of nside 2, all out; those of `late` stay with host-a, the others were answered by host-b in `runtimeSec` each. */
async function allButSome(late: readonly number[], runtimeSec = 10, held = false): Promise<void> {
  now = 0;
  asked = 0;
  state = stateOf("2:0", 1, planOf(2, upTo(48)));
  const peers = createPeers();
  ({ journal, publisher, counters, workers, broadcaster, dispatch, copies, collect } = scanParts(state, {
    nowMs: () => now,
    held,
    aliveHosts: () => 2,
    fitterOf: () => undefined,
    onOutcome: (reply, outcome, key) => {
      if (outcome.kind === "result") peers.add(key.nside, reply.worker, outcome.runtimeSec);
    },
    onChange: () => dispatch.pump(),
  }));
  const isSuspect = (key: UnitKey): boolean => suspects.has(key.pixel);
  stragglers = createStragglers({
    dispatch,
    workers,
    peers,
    copies,
    isSuspect,
    askWhoHolds: () => (asked += 1),
    nowMs: () => now,
  });
  dispatch.enqueue(state.tables.get(2)!, Uint32Array.from(upTo(48)));
  dispatch.pump();
  for (const pixel of upTo(48)) if (!late.includes(pixel)) await reply({ ...resultFor(`2/${pixel}/0`), runtimeSec }, "host-b");
}
const reply = (outcome: Parameters<typeof replyBytes>[0][number], host: string): Promise<void> =>
  collect.replies(consumerOf(deliveryOf(replyBytes([outcome], { host, worker: `${host}-1` }))));

/** Both clients beat; host-a, with as many slots, lists what it has. */
function beat(holding: Readonly<Record<string, number>>, slots = 8): void {
  const listed = Object.entries(holding).map(([id, elapsedSec]) => ({ unit: id, elapsedSec }));
  workers.beat(statusOf("host-a-1", { slots, holding: listed }));
  workers.beat(statusOf("host-b-1", { slots }));
}
const copied = (): readonly string[] => publisher.ids.slice(48);
const cancelled = (): readonly object[] => broadcaster.sent.filter(({ type }) => type === "cancel");
const lookAt = (ms: number): void => {
  now = ms;
  stragglers.look();
};

describe("a unit that is far behind its peers", () => {
  beforeEach(async () => {
    await allButSome([7]);
    beat({ "2/7/0": 60 });
  });

  test("goes out once more, alone, with the same attempt, for another host", () => {
    lookAt(1000);
    lookAt(2000);
    expect(copied()).toEqual(["2/7/0"]);
    expect(publisher.units.at(-1)).toMatchObject({ attempt: 1, avoid: ["host-a"] });
    expect([counters.copiesSent, dispatch.outstanding.size]).toEqual([1, 1]);
  });

  test("is settled by the copy when that is first; everybody is told then that it is final, and the late answer counts nothing", async () => {
    lookAt(1000);
    await reply({ ...resultFor("2/7/0"), runtimeSec: 9 }, "host-b");
    await reply(resultFor("2/7/0"), "host-a");
    lookAt(2000);
    expect(cancelled()).toMatchObject([{ units: ["2/7/0"] }]);
    expect(counters).toMatchObject({ copiesSent: 1, copiesWon: 1, copiesSec: 9, duplicates: 1 });
    expect(state.finalUnits).toBe(48);
  });

  test("is settled by the late one when that is first: the copy's time is what it had", async () => {
    lookAt(1000);
    now = 4000;
    await reply(resultFor("2/7/0"), "host-a");
    lookAt(5000);
    expect(cancelled()).toMatchObject([{ units: ["2/7/0"] }]);
    expect(counters).toMatchObject({ copiesSent: 1, copiesWon: 0, copiesSec: 3 });
  });

  test("a copy that comes back is no decline of the unit: it does not go out anew, and copies end after five", async () => {
    for (const second of upTo(20)) {
      lookAt(1000 * second);
      if (copied().length > second) await reply(declinedFor("2/7/0"), "host-a");
    }
    expect(copied()).toHaveLength(5);
    expect(state.troubleOf(unit(2, 7))?.declines ?? 0).toBe(0);
    expect(dispatch.outstanding.has("2/7/0")).toBe(true);
  });

  test("gets a second copy when the first is late as well, and no third", () => {
    copies.settled("2/99/0", { worker: "host-b-1", runtimeSec: 10_000 });
    for (const second of upTo(300)) {
      if (second % 10 === 0) {
        now = 1000 * second;
        beat({ "2/7/0": 60 + second });
      }
      lookAt(1000 * second);
    }
    expect(copied()).toEqual(["2/7/0", "2/7/0"]);
  });

  test("the failure of one of its fits burns no attempt while the other goes on; the failure of both burns one", async () => {
    lookAt(1000);
    await reply(failureFor("2/7/0"), "host-b");
    expect([copied().length, state.attemptOf(unit(2, 7)), counters.failures]).toEqual([1, 1, 1]);
    await reply(failureFor("2/7/0"), "host-a");
    expect([state.attemptOf(unit(2, 7)), counters.failures]).toEqual([2, 2]);
    expect(publisher.units.at(-1)).toMatchObject({ unit: "2/7/0", attempt: 2, avoid: ["host-a"] });
  });

  test("fails as any unit once its copies have failed, whoever fitted it then", async () => {
    lookAt(1000);
    await reply(failureFor("2/7/0"), "host-b");
    await reply(failureFor("2/7/0"), "host-c");
    expect(state.attemptOf(unit(2, 7))).toBe(2);
  });

  test("a held one that fails is its copy's from then on", async () => {
    await reply(holdingFor("2/7/0"), "host-a");
    lookAt(1000);
    await reply(failureFor("2/7/0"), "host-a");
    expect(dispatch.outstanding.get("2/7/0")).toMatchObject({ holder: undefined });
    await reply(resultFor("2/7/0"), "host-b");
    expect(state.finalUnits).toBe(48);
  });

  test("given up for good, its other fit is ended", async () => {
    lookAt(1000);
    await reply(failureFor("2/7/0", 1, { retry: false }), "host-b");
    lookAt(2000);
    expect([state.failedUnits.length, cancelled().length]).toEqual([1, 1]);
  });
});

test("nobody is told to end a fit before the outcome that stands is on disk", async () => {
  await allButSome([7], 10, true);
  journal.sync();
  beat({ "2/7/0": 60 });
  lookAt(1000);
  await reply(resultFor("2/7/0"), "host-b");
  lookAt(2000);
  expect(cancelled()).toEqual([]);
  journal.sync();
  expect(cancelled()).toHaveLength(1);
});

describe("no copy goes out", () => {
  test("while something is left to send", async () => {
    await allButSome([7]);
    beat({ "2/7/0": 60 });
    dispatch.enqueue(state.tables.get(2)!, Uint32Array.of(3));
    lookAt(1000);
    expect(copied()).toEqual([]);
  });

  test("without idle slots", async () => {
    await allButSome([7, 8]);
    beat({ "2/7/0": 60, "2/8/0": 5 }, 1);
    lookAt(1000);
    expect(copied()).toEqual([]);
  });

  test("when nobody but its own host is there", async () => {
    await allButSome([7]);
    workers.beat(statusOf("host-a-1", { slots: 8, holding: [{ unit: "2/7/0", elapsedSec: 60 }] }));
    lookAt(1000);
    expect(copied()).toEqual([]);
  });

  test("before as many peers were fitted as are out", async () => {
    await allButSome(upTo(25));
    beat({ "2/7/0": 60 }, 40);
    lookAt(1000);
    expect(copied()).toEqual([]);
  });

  test("of a unit that has not begun, though it waits", async () => {
    await allButSome([7]);
    beat({ "2/7/0": 0 });
    lookAt(20_000);
    expect(copied()).toEqual([]);
  });

  test("of a unit over which workers were lost: it could take down another one", async () => {
    await allButSome([7]);
    suspects.add(7);
    beat({ "2/7/0": 60 });
    lookAt(1000);
    expect(copied()).toEqual([]);
    suspects.clear();
    lookAt(1000);
    expect(copied()).toEqual(["2/7/0"]);
  });

  test("beyond five percent of the work: the latest go first", async () => {
    await allButSome([7, 8, 9, 10]);
    beat({ "2/7/0": 50, "2/8/0": 70, "2/9/0": 60, "2/10/0": 40 });
    lookAt(1000);
    // 44 fits of 10 s: 22 s for copies that may take 12.2 s each.
    expect(copied()).toEqual(["2/8/0"]);
  });
});

test("a worker that is silent is not waited for, however short its fits have run", async () => {
  await allButSome([7], 30);
  beat({ "2/7/0": 0.5 });
  now = 24_000;
  workers.beat(statusOf("host-b-1", { slots: 1 }));
  lookAt(24_500);
  expect(copied()).toEqual([]);
  lookAt(26_000);
  expect(copied()).toEqual(["2/7/0"]);
});

test("clients are asked what they hold when a unit is out for far longer than a fit and in no beat, every five seconds at most", async () => {
  await allButSome([7], 0.5);
  beat({});
  lookAt(900);
  expect(asked).toBe(0);
  for (const second of [2, 3, 4, 5, 6, 7]) lookAt(1000 * second);
  expect(asked).toBe(2);
});

test("a copy that takes more than copies may is ended at its worker alone, and the unit goes on where it was", async () => {
  await allButSome([7]);
  beat({ "2/7/0": 60 });
  lookAt(1000);
  for (const second of [10, 20, 30]) {
    now = 1000 * second;
    beat({ "2/7/0": 60 + second });
    workers.beat(statusOf("host-b-1", { slots: 8, holding: [{ unit: "2/7/0", elapsedSec: second - 1 }] }));
    stragglers.look();
  }
  // 47 fits of 10 s allow 23.5 s.
  expect(cancelled()).toMatchObject([{ units: ["2/7/0"], worker: "host-b-1" }]);
  expect([counters.copiesSec, dispatch.outstanding.has("2/7/0")]).toEqual([29, true]);
});

test("what was copied is forgotten when everything goes out anew: its failures are those of any unit", async () => {
  await allButSome([7]);
  beat({ "2/7/0": 60 });
  lookAt(1000);
  dispatch.reset();
  copies.reset();
  dispatch.enqueue(state.tables.get(2)!, Uint32Array.of(7));
  dispatch.pump();
  await reply(failureFor("2/7/0"), "host-b");
  expect(state.attemptOf(unit(2, 7))).toBe(2);
});
