import { silentLogger } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { decodeReply } from "@skyscan/protocol";
import type { Outcome } from "@skyscan/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { createConduct } from "../src/workers/conduct.ts";
import type { Conduct } from "../src/workers/conduct.ts";
import type { ScanState } from "../src/state/scan-state.ts";
import { createWorkers } from "../src/workers/workers.ts";
import type { Workers } from "../src/workers/workers.ts";
import { failureFor, replyBytes, resultFor, statusOf } from "./deliveries.ts";
import { failureOf, memoryJournal, planOf, resultOf, stateOf, unit, upTo } from "./stand-ins.ts";
import type { MemoryJournal } from "./stand-ins.ts";

let state: ScanState;
let journal: MemoryJournal;
let workers: Workers;
let nowMs: number;
let told: string[];
let said: string[];
let conduct: Conduct;

const logger: Logger = {
  ...silentLogger,
  info: (_, message) => void said.push(message),
  warn: (_, message) => void said.push(message),
};

function begin(): Conduct {
  return createConduct({
    state,
    journal,
    workers,
    run: 1,
    tellToLeave: (worker) => void told.push(worker),
    nowMs: () => nowMs,
    logger,
  });
}

beforeEach(() => {
  state = stateOf("8:0", 1, planOf(8, upTo(768)));
  journal = memoryJournal();
  nowMs = 0;
  workers = createWorkers(() => nowMs);
  told = [];
  said = [];
  conduct = begin();
});

function comes(outcome: Outcome, worker = "host-a-1"): void {
  if (outcome.kind !== "result" && outcome.kind !== "failure") return;
  const host = worker.replace(/-\d+$/, "");
  conduct.outcome(decodeReply(replyBytes([outcome], { worker, host })), outcome);
}
const good = (count: number, worker: string): void => upTo(count).forEach((pixel) => comes(resultFor(`8/${pixel}/0`), worker));
const bad = (count: number, worker: string): void => upTo(count).forEach((pixel) => comes(failureFor(`8/${pixel}/0`), worker));

describe("a worker that fails what others do", () => {
  test("is told to leave, and its host keeps that in the journal", () => {
    good(20, "host-b-1");
    bad(5, "host-a-1");
    expect(told).toEqual(["host-a-1"]);
    const why = "5 failures in a row, while the other workers fail 4.5 % of 20";
    expect(journal.records).toEqual([{ type: "sent-away", host: "host-a", worker: "host-a-1", why }]);
    expect(state.hosts.get("host-a")?.toldToLeave).toMatchObject([{ worker: "host-a-1", why }]);
  });

  test("is told at its first failure when it comes back to another start of the server", () => {
    good(20, "host-b-1");
    bad(5, "host-a-1");
    conduct = begin();
    good(20, "host-b-1");
    bad(1, "host-a-2");
    expect(told).toEqual(["host-a-1", "host-a-2"]);
  });
});

test("a host's record has how often, why and the last words of its stderr", () => {
  state.apply({ ...failureOf(unit(8, 1), 1), stderrTail: "first" });
  state.apply({ ...failureOf(unit(8, 2), 1), code: "timed-out", stderrTail: "last words" });
  expect(state.hosts.get("host-a")).toMatchObject({
    failures: 2,
    byCode: { crashed: 1, "timed-out": 1 },
    last: { code: "timed-out", stderrTail: "last words" },
    toldToLeave: [],
  });
});

test("somebody owes an answer from the first answer of a host until all that are there have answered", () => {
  for (const id of ["host-a-1", "host-b-1"]) workers.beat(statusOf(id));
  expect(conduct.someOweAnAnswer()).toBe(false);
  bad(1, "host-a-1");
  expect(conduct.someOweAnAnswer()).toBe(true);
  bad(1, "host-b-1");
  expect(conduct.someOweAnAnswer()).toBe(false);
});

describe("what there is of clients is said when it changes", () => {
  test("nobody: after half a minute, once; then that it goes on is no news", () => {
    conduct.watch();
    nowMs = 30_000;
    conduct.watch();
    conduct.watch();
    expect(said).toEqual(["no client has ever come"]);
    workers.beat(statusOf("host-a-1"));
    conduct.watch();
    expect(said).toHaveLength(1);
  });

  test("all gone, and back again", () => {
    workers.beat(statusOf("host-a-1"));
    conduct.watch();
    nowMs = 30_001;
    workers.sweep();
    conduct.watch();
    conduct.watch();
    workers.beat(statusOf("host-a-1"));
    conduct.watch();
    expect(said).toEqual(["the only client is gone: 1 lost (no beat for 30 s)", "it goes on: 1 client with 1 slot"]);
  });

  test("nothing succeeds, until something does", () => {
    workers.beat(statusOf("host-a-1"));
    bad(3, "host-a-1");
    conduct.watch();
    expect(said).toMatchObject([expect.stringContaining("clients are here but nothing succeeds")]);
    good(1, "host-a-1");
    state.apply(resultOf(unit(8, 0), 1));
    conduct.watch();
    expect(said).toMatchObject([expect.anything(), "it goes on: 1 client with 1 slot"]);
  });
});
