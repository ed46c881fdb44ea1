import { BrokerError } from "@skyscan/broker";
import { encode } from "@skyscan/protocol";
import { RecoError } from "@skyscan/recos";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { beatSec } from "../src/beats.ts";
import { createLookahead } from "../src/lookahead.ts";
import { controlBytes, outcomesOf, scan, startupOf, statusesOf, workBytes, workUnit } from "./messages.ts";
import { host, queues, serve } from "./serving.ts";
import type { Serving } from "./serving.ts";

const outcomes = ({ standIn }: Serving) => outcomesOf(standIn.published(queues.replies));
const statuses = ({ standIn }: Serving) => statusesOf(standIn.unconfirmed(queues.workers));
const ways = ({ standIn }: Serving) => standIn.ended.map(({ how }) => how);
/** The consumer is open, and what the session does next in the same turn is done. */
async function joined({ standIn }: Serving): Promise<void> {
  await standIn.until(() => standIn.prefetch > 0);
  await new Promise((resolve) => setImmediate(resolve));
}
const endedCount = ({ standIn }: Serving, count: number) => standIn.until(() => standIn.ended.length === count);

async function finish(serving: Serving): Promise<void> {
  serving.standIn.broadcast(controlBytes({ type: "end" }));
  expect(await serving.end).toMatchObject({ status: 0 });
}

describe("a unit and its delivery", () => {
  test("the ack waits for the confirm of the outcome", async () => {
    const serving = serve();
    const { standIn, runners } = serving;
    standIn.holdConfirms();
    standIn.put(workBytes([workUnit(0)]));
    (await runners.fit("1/0/0")).result(7);
    await standIn.until(() => standIn.published(queues.replies).length === 1);
    expect(standIn.ended).toEqual([]);
    standIn.confirm();
    await endedCount(serving, 1);
    expect(ways(serving)).toEqual(["ack"]);
    expect(outcomes(serving)).toMatchObject([{ unit: "1/0/0", attempt: 1, kind: "result", result: { llh: 7 } }]);
    await finish(serving);
    expect(standIn.closed).toBe(true);
    expect(runners.closed).toBe(1);
  });

  test("a failure is replied and acked like a result", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0, { attempt: 2 })]));
    (await serving.runners.fit("1/0/0")).fail();
    await endedCount(serving, 1);
    expect(ways(serving)).toEqual(["ack"]);
    expect(outcomes(serving)).toMatchObject([
      { unit: "1/0/0", attempt: 2, kind: "failure", code: "crashed", retry: true, stderrTail: "the end of its log" },
    ]);
    await finish(serving);
  });

  test("a delivery of several units is acked with the last of them", async () => {
    const serving = serve({ slots: 3 });
    serving.standIn.put(workBytes([workUnit(0), workUnit(1), workUnit(2)]));
    for (const unit of ["1/0/0", "1/1/0"]) (await serving.runners.fit(unit)).result();
    await serving.standIn.until(() => outcomes(serving).length === 2);
    expect(serving.standIn.ended).toEqual([]);
    (await serving.runners.fit("1/2/0")).result();
    await endedCount(serving, 1);
    expect(outcomes(serving)).toHaveLength(3);
    await finish(serving);
  });

  test("outcomes of the same turn travel in one message", async () => {
    const serving = serve({ slots: 2 });
    serving.standIn.put(workBytes([workUnit(0)]));
    serving.standIn.put(workBytes([workUnit(1)]));
    const fits = [await serving.runners.fit("1/0/0"), await serving.runners.fit("1/1/0")];
    for (const fit of fits) fit.result();
    await endedCount(serving, 2);
    expect(serving.standIn.published(queues.replies)).toHaveLength(1);
    await finish(serving);
  });

  test("what is no work of this scan is set aside: acked, never fitted, never requeued", async () => {
    const serving = serve();
    serving.standIn.put(new Uint8Array([1, 2, 3]));
    serving.standIn.put(workBytes([workUnit(0)], { scan: "another" }));
    await endedCount(serving, 2);
    expect(ways(serving)).toEqual(["ack", "ack"]);
    expect(serving.runners.fits).toEqual([]);
    await finish(serving);
  });

  test("a unit that avoids this host is declined twice, then run", async () => {
    const serving = serve();
    for (let time = 0; time < 3; time += 1) serving.standIn.put(workBytes([workUnit(0, { avoid: [host] })]));
    await endedCount(serving, 2);
    expect(outcomes(serving).map(({ kind }) => kind)).toEqual(["declined", "declined"]);
    (await serving.runners.fit("1/0/0")).result();
    await endedCount(serving, 3);
    expect(outcomes(serving)[2]?.kind).toBe("result");
    await finish(serving);
  });

  test("a copy, meant for another host than that of the fit that runs here, is declined", async () => {
    const serving = serve({ slots: 2 });
    serving.standIn.put(workBytes([workUnit(0)]));
    const fit = await serving.runners.fit("1/0/0");
    serving.standIn.put(workBytes([workUnit(0, { avoid: [host] })]));
    await endedCount(serving, 1);
    expect(outcomes(serving)).toMatchObject([{ unit: "1/0/0", kind: "declined" }]);
    fit.result();
    await endedCount(serving, 2);
    expect(outcomes(serving)).toMatchObject([{ kind: "declined" }, { kind: "result" }]);
    expect(ways(serving)).toEqual(["ack", "ack"]);
    await finish(serving);
  });

  test("a broker that is full for a moment gets the outcome later", async () => {
    const serving = serve();
    serving.standIn.refuseNext(new BrokerError("full", "alarm", { retryable: true }));
    serving.standIn.put(workBytes([workUnit(0)]));
    (await serving.runners.fit("1/0/0")).result();
    await endedCount(serving, 1);
    expect(outcomes(serving)).toHaveLength(1);
    await finish(serving);
  });
});

describe("a redelivery", () => {
  test("of a unit that is being fitted attaches to that fit", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    const fit = await serving.runners.fit("1/0/0");
    serving.standIn.reconnect();
    await serving.standIn.until(() => serving.standIn.out === 1);
    fit.result();
    await endedCount(serving, 1);
    expect(ways(serving)).toEqual(["ack"]);
    expect(serving.runners.fits).toHaveLength(1);
    expect(serving.standIn.waiting).toBe(0);
    await finish(serving);
  });

  test("with a later attempt attaches too, and a failure then counts for that attempt", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    const fit = await serving.runners.fit("1/0/0");
    serving.standIn.put(workBytes([workUnit(0, { attempt: 2 })]));
    await serving.standIn.until(() => serving.standIn.out === 2);
    fit.fail();
    await endedCount(serving, 2);
    expect(outcomes(serving)).toMatchObject([{ kind: "failure", attempt: 2 }]);
    await finish(serving);
  });

  test("of an answered unit is answered again, not fitted again", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    (await serving.runners.fit("1/0/0")).result(3);
    await endedCount(serving, 1);
    serving.standIn.put(workBytes([workUnit(0, { attempt: 2 })]));
    await endedCount(serving, 2);
    expect(outcomes(serving)).toMatchObject([{ result: { llh: 3 } }, { result: { llh: 3 } }]);
    expect(serving.runners.fits).toHaveLength(1);
    await finish(serving);
  });

  test("of a failed unit is answered again for the same attempt, and fitted for the next", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)], { proven: false }));
    (await serving.runners.fit("1/0/0")).fail(false);
    await endedCount(serving, 1);
    serving.standIn.put(workBytes([workUnit(0)]));
    await endedCount(serving, 2);
    expect(serving.runners.fits).toHaveLength(1);
    serving.standIn.put(workBytes([workUnit(0, { attempt: 2 })]));
    (await serving.runners.fit("1/0/0", 1)).result();
    await endedCount(serving, 3);
    expect(outcomes(serving).map(({ kind }) => kind)).toEqual(["failure", "failure", "result"]);
    await finish(serving);
  });

  test("what had not begun when the connection went is left to whom it is redelivered", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    serving.standIn.put(workBytes([workUnit(1)]));
    const fit = await serving.runners.fit("1/0/0");
    await serving.standIn.until(() => serving.standIn.out === 2);
    serving.standIn.state({ kind: "down", reason: "cut" });
    expect(ways(serving)).toEqual(["requeue"]);
    fit.result();
    (await serving.runners.fit("1/1/0")).result();
    await endedCount(serving, 3);
    expect(serving.runners.fits).toHaveLength(2);
    await finish(serving);
  });
});

describe("control", () => {
  test("end: leaves at once with 0, running fits are ended, nothing is replied", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    await serving.runners.fit("1/0/0");
    await finish(serving);
    expect(outcomes(serving)).toEqual([]);
    expect(serving.runners.closed).toBe(1);
    expect(statuses(serving).map(({ state }) => state)).toEqual(["hello", "goodbye"]);
  });

  test("cancel: ends those fits, no failure, their deliveries are acked", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    serving.standIn.put(workBytes([workUnit(1)]));
    const fit = await serving.runners.fit("1/0/0");
    await serving.standIn.until(() => serving.standIn.out === 2);
    serving.standIn.broadcast(controlBytes({ type: "cancel", units: ["1/0/0", "1/7/0"] }));
    await endedCount(serving, 1);
    expect(fit.signal.aborted).toBe(true);
    (await serving.runners.fit("1/1/0")).result();
    await endedCount(serving, 2);
    expect(ways(serving)).toEqual(["ack", "ack"]);
    expect(outcomes(serving)).toMatchObject([{ unit: "1/1/0", kind: "result" }]);
    await finish(serving);
    expect(statuses(serving).at(-1)).toMatchObject({ done: 1, failed: 0 });
  });

  test("cancel: what of it still waits in the queue is acked when it comes, unless a later run asks for it", async () => {
    const serving = serve();
    await joined(serving);
    serving.standIn.broadcast(controlBytes({ type: "cancel", units: ["1/0/0"] }));
    serving.standIn.broadcast(controlBytes({ type: "who-holds" }));
    await serving.standIn.until(() => statuses(serving).length === 2);
    serving.standIn.put(workBytes([workUnit(0)]));
    await endedCount(serving, 1);
    expect([ways(serving), serving.runners.fits]).toEqual([["ack"], []]);
    serving.standIn.put(workBytes([workUnit(0)], { run: 2 }));
    (await serving.runners.fit("1/0/0")).result();
    await endedCount(serving, 2);
    await finish(serving);
  });

  test("cancel for one worker: only that one ends its fit, and the unit may come again", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    const fit = await serving.runners.fit("1/0/0");
    const { worker } = statuses(serving)[0]!;
    serving.standIn.broadcast(controlBytes({ type: "cancel", units: ["1/0/0"], worker: `${worker}x` }));
    serving.standIn.broadcast(controlBytes({ type: "who-holds" }));
    await serving.standIn.until(() => statuses(serving).length === 2);
    expect(fit.signal.aborted).toBe(false);
    serving.standIn.broadcast(controlBytes({ type: "cancel", units: ["1/0/0"], worker }));
    await endedCount(serving, 1);
    expect(fit.signal.aborted).toBe(true);
    serving.standIn.put(workBytes([workUnit(0)]));
    (await serving.runners.fit("1/0/0", 1)).result();
    await endedCount(serving, 2);
    await finish(serving);
  });

  test("leave: returns what has not begun, lets the running fit end, says goodbye, 7; others are not meant", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    serving.standIn.put(workBytes([workUnit(1)]));
    const fit = await serving.runners.fit("1/0/0");
    await serving.standIn.until(() => serving.standIn.out === 2);
    const { worker } = statuses(serving)[0]!;
    serving.standIn.broadcast(controlBytes({ type: "leave", worker: `${worker}x`, why: "not you" }));
    serving.standIn.broadcast(controlBytes({ type: "leave", worker, why: "fails what others do" }));
    await endedCount(serving, 1);
    expect(ways(serving)).toEqual(["requeue"]);
    fit.result();
    expect(await serving.end).toMatchObject({ status: 7, why: "told to leave: fails what others do" });
    expect(ways(serving)).toEqual(["requeue", "ack"]);
    expect(statuses(serving).at(-1)).toMatchObject({ state: "goodbye", why: "told to leave: fails what others do" });
  });

  test("a server of another protocol version: 7, and one sentence that names both versions", async () => {
    const serving = serve();
    await joined(serving);
    serving.standIn.broadcast(encode({ v: 99, scan, run: 1, type: "end" }));
    const end = await serving.end;
    expect(end.status).toBe(7);
    expect(end.why).toMatch(/^the server speaks protocol 99, this client \(skyscan .*\) 1: use the same version$/);
    expect(statuses(serving).at(-1)).toMatchObject({ state: "goodbye", why: end.why });
  });

  test("who-holds: answered at once with what is held, begun or not", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    serving.standIn.put(workBytes([workUnit(1)]));
    await serving.runners.fit("1/0/0");
    await serving.standIn.until(() => serving.standIn.out === 2);
    serving.standIn.broadcast(controlBytes({ type: "who-holds" }));
    await serving.standIn.until(() => statuses(serving).length === 2);
    const { holding, state } = statuses(serving)[1]!;
    expect(state).toBe("working");
    expect(holding.map(({ unit, elapsedSec }) => [unit, elapsedSec > 0])).toEqual([
      ["1/0/0", true],
      ["1/1/0", false],
    ]);
    await finish(serving);
  });

  test("an outcome that is not confirmed yet is still listed as held", async () => {
    const serving = serve();
    serving.standIn.holdConfirms();
    serving.standIn.put(workBytes([workUnit(0)]));
    (await serving.runners.fit("1/0/0")).result();
    await serving.standIn.until(() => serving.standIn.published(queues.replies).length === 1);
    serving.standIn.broadcast(controlBytes({ type: "who-holds" }));
    await serving.standIn.until(() => statuses(serving).length === 2);
    expect(statuses(serving)[1]?.holding).toMatchObject([{ unit: "1/0/0" }]);
    serving.standIn.confirm();
    await finish(serving);
  });

  test("what cannot be read on the control channel is passed over", async () => {
    const serving = serve();
    await joined(serving);
    serving.standIn.broadcast(new Uint8Array([0xc1]));
    await finish(serving);
  });
});

describe("leaving", () => {
  test("a signal returns what has not begun; fits that end in the grace time are replied: 5", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    serving.standIn.put(workBytes([workUnit(1)]));
    const fit = await serving.runners.fit("1/0/0");
    await serving.standIn.until(() => serving.standIn.out === 2);
    serving.stop.abort();
    await endedCount(serving, 1);
    await serving.standIn.until(() => statuses(serving).at(-1)?.state === "draining");
    fit.result();
    expect(await serving.end).toMatchObject({ status: 5 });
    expect(ways(serving)).toEqual(["requeue", "ack"]);
    expect(outcomes(serving)).toHaveLength(1);
  });

  test("fits that outlast the grace time are ended and their deliveries returned", async () => {
    const serving = serve({ drainGraceSec: 0.01 });
    serving.standIn.put(workBytes([workUnit(0)]));
    const fit = await serving.runners.fit("1/0/0");
    serving.stop.abort();
    expect(await serving.end).toMatchObject({ status: 5 });
    expect(fit.signal.aborted).toBe(true);
    expect(ways(serving)).toEqual(["requeue"]);
    expect(outcomes(serving)).toEqual([]);
  });

  test("a second signal does not wait for the grace time", async () => {
    const serving = serve({ drainGraceSec: 3600 });
    serving.standIn.put(workBytes([workUnit(0)]));
    await serving.runners.fit("1/0/0");
    serving.stop.abort();
    serving.force.abort();
    expect(await serving.end).toMatchObject({ status: 5 });
  });

  test("a batch of which a part is answered goes back as a whole", async () => {
    const serving = serve({ drainGraceSec: 0.01 });
    serving.standIn.put(workBytes([workUnit(0), workUnit(1), workUnit(2)]));
    (await serving.runners.fit("1/0/0")).result();
    await serving.runners.fit("1/1/0");
    serving.stop.abort();
    await serving.end;
    expect(ways(serving)).toEqual(["requeue"]);
    expect(outcomes(serving)).toHaveLength(1);
    expect(serving.runners.fits).toHaveLength(2);
  });

  test("a signal while the broker cannot be reached: 5", async () => {
    let tried: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (tried = resolve));
    const serving = serve({
      openBroker() {
        tried();
        return Promise.reject(new BrokerError("unreachable", "nobody answers", { retryable: true }));
      },
    });
    await first;
    serving.stop.abort();
    expect(await serving.end).toMatchObject({ status: 5 });
  });

  test("queues that are gone say that the scan is over: 0", async () => {
    const serving = serve();
    await joined(serving);
    serving.standIn.loseQueues();
    expect(await serving.end).toMatchObject({ status: 0 });
  });

  test("queues that are gone when the client comes: 0", async () => {
    const serving = serve({ startup: startupOf({ mq_basename: "another" }) });
    expect(await serving.end).toMatchObject({ status: 0 });
  });

  test("a broker that is lost for good: 4", async () => {
    const serving = serve();
    await joined(serving);
    serving.standIn.state({ kind: "failed", error: new BrokerError("lost", "it did not come back within 600 s") });
    expect(await serving.end).toMatchObject({ status: 4 });
  });

  test("a broker that refuses the token: 2", async () => {
    const serving = serve({ openBroker: () => Promise.reject(new BrokerError("refused-credentials", "no")) });
    expect(await serving.end).toMatchObject({ status: 2 });
  });

  test("a startup file that says, at a reconnect, that the scan has ended: 0", async () => {
    const serving = serve();
    await joined(serving);
    serving.ended.abort();
    expect(await serving.end).toMatchObject({ status: 0 });
  });

  test("a full scratch disk: 6, and the unit goes back", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    const full = Object.assign(new Error("write"), { code: "ENOSPC" });
    (await serving.runners.fit("1/0/0")).reject(new RecoError("start-failed", "it could not be started", { cause: full }));
    expect(await serving.end).toMatchObject({ status: 6 });
    expect(ways(serving)).toContain("requeue");
  });

  test("what nobody foresaw is thrown after everything is closed", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    (await serving.runners.fit("1/0/0")).reject(new TypeError("a bug"));
    await expect(serving.end).rejects.toThrow("a bug");
    expect(serving.standIn.closed).toBe(true);
    expect(serving.runners.closed).toBe(1);
  });

  test("another copy of the reco is refused with a sentence that says what differs and what to do: 7", async () => {
    const startup = startupOf();
    const serving = serve({ startup: { ...startup, reco: { ...startup.reco, version: "2.0.0" } } });
    const end = await serving.end;
    expect(end).toMatchObject({ status: 7 });
    expect(end.why).toMatch(/dummy 1\.0\.0 .*dummy 2\.0\.0 .*SKYSCAN_RECO_PATH/);
    expect(statuses(serving).at(-1)).toMatchObject({ state: "goodbye", why: end.why });
    expect(serving.standIn.prefetch).toBe(0);
  });
});

describe("as time goes by", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("a fit that may take the client down is told when it begins, and listed as running", async () => {
    const serving = serve();
    const beats = () => statuses(serving);
    serving.standIn.put(workBytes([workUnit(0)]));
    (await serving.runners.fit("1/0/0")).result();
    await endedCount(serving, 1);
    const before = beats().length;
    serving.standIn.put(workBytes([workUnit(1, { alone: true })]));
    const fit = await serving.runners.fit("1/1/0");
    expect(beats().slice(before)).toMatchObject([{ state: "working", holding: [{ unit: "1/1/0" }] }]);
    expect(beats().at(-1)!.holding[0]!.elapsedSec).toBeGreaterThan(0);
    fit.result();
    await finish(serving);
  });

  test("a beat every ten seconds", async () => {
    const serving = serve();
    await joined(serving);
    vi.advanceTimersByTime(3 * beatSec * 1000);
    expect(statuses(serving).map(({ state }) => state)).toEqual(["hello", "working", "working", "working"]);
    await finish(serving);
    vi.advanceTimersByTime(3 * beatSec * 1000);
    expect(statuses(serving).at(-1)?.state).toBe("goodbye");
  });

  test("takes what the slots can run, and one ahead for each while fits are short", async () => {
    const serving = serve({ slots: 2, inFlight: 3, lookahead: createLookahead({ slots: 2, prefetch: 6 }) });
    await joined(serving);
    expect(serving.standIn.prefetch).toBe(6);
    expect(statuses(serving)[0]).toMatchObject({ slots: 2, lookahead: 4 });
    for (let pixel = 0; pixel < 4; pixel += 1) {
      serving.standIn.put(workBytes([workUnit(pixel)]));
      (await serving.runners.fit(`1/${pixel}/0`)).result();
      await endedCount(serving, pixel + 1);
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(serving.standIn.prefetch).toBe(8);
    await vi.advanceTimersByTimeAsync(beatSec * 1000);
    expect(statuses(serving).at(-1)).toMatchObject({ slots: 2, lookahead: 6 });
    await finish(serving);
  });

  test("what was taken ahead of a long fit goes back, and nothing more is taken ahead", async () => {
    const lookahead = createLookahead({ slots: 1, prefetch: 1 });
    for (let fit = 0; fit < 4; fit += 1) lookahead.fitted(0.1);
    const serving = serve({ lookahead });
    serving.standIn.put(workBytes([workUnit(0)]));
    serving.standIn.put(workBytes([workUnit(1)]));
    const long = await serving.runners.fit("1/0/0");
    await serving.standIn.until(() => serving.standIn.out === 2);
    await vi.advanceTimersByTimeAsync(22_000);
    expect(ways(serving)).toEqual(["requeue"]);
    expect(serving.standIn).toMatchObject({ out: 1, waiting: 1, prefetch: 1, consumers: 1 });
    long.result();
    await serving.runners.fit("1/1/0");
    await finish(serving);
  });

  test("held for half of what the broker allows: a confirmed `holding`, the ack, and later the outcome", async () => {
    const serving = serve({ maxHoldSec: 100 });
    serving.standIn.put(workBytes([workUnit(0)]));
    const fit = await serving.runners.fit("1/0/0");
    vi.advanceTimersByTime(48_000);
    expect(outcomes(serving)).toEqual([]);
    vi.advanceTimersByTime(3000);
    await endedCount(serving, 1);
    expect(ways(serving)).toEqual(["ack"]);
    expect(outcomes(serving)).toMatchObject([{ unit: "1/0/0", kind: "holding" }]);
    vi.advanceTimersByTime(200_000);
    fit.result(5);
    await serving.standIn.until(() => outcomes(serving).length === 2);
    expect(outcomes(serving)[1]).toMatchObject({ kind: "result", result: { llh: 5 } });
    expect(serving.standIn.ended).toHaveLength(1);
    await finish(serving);
  });

  test("held as long and not begun: returned", async () => {
    const serving = serve({ maxHoldSec: 100 });
    serving.standIn.put(workBytes([workUnit(0)]));
    serving.standIn.put(workBytes([workUnit(1)]));
    await serving.runners.fit("1/0/0");
    await serving.standIn.until(() => serving.standIn.out === 2);
    vi.advanceTimersByTime(51_000);
    await endedCount(serving, 2);
    expect(serving.standIn.ended.map(({ how }) => how).sort()).toEqual(["ack", "requeue"]);
    await finish(serving);
  });

  test("after failures a slot waits longer and longer; a success ends that", async () => {
    const serving = serve();
    const waited: number[] = [];
    for (let pixel = 0; pixel < 5; pixel += 1) serving.standIn.put(workBytes([workUnit(pixel)]));
    let doneCount = 0;
    for (const fails of [true, true, false, true]) {
      const fit = await serving.runners.fit(`1/${doneCount}/0`);
      if (fails) fit.fail();
      else fit.result();
      doneCount += 1;
      await endedCount(serving, doneCount);
      const startMs = performance.now();
      while (serving.runners.fits.length === doneCount) await vi.advanceTimersByTimeAsync(500);
      waited.push(performance.now() - startMs);
    }
    expect(waited).toEqual([1000, 2000, 0, 1000]);
    await finish(serving);
  });

  test("while nothing has succeeded anywhere, it waits no longer than a second", async () => {
    const serving = serve();
    for (let pixel = 0; pixel < 4; pixel += 1) serving.standIn.put(workBytes([workUnit(pixel)], { proven: false }));
    for (let pixel = 0; pixel < 3; pixel += 1) {
      (await serving.runners.fit(`1/${pixel}/0`)).fail();
      await endedCount(serving, pixel + 1);
      await vi.advanceTimersByTimeAsync(1000);
    }
    await serving.runners.fit("1/3/0");
    await finish(serving);
  });

  test("a unit that no other try can help does not make the slot wait", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    serving.standIn.put(workBytes([workUnit(1)]));
    (await serving.runners.fit("1/0/0")).fail(false);
    await serving.runners.fit("1/1/0");
    await finish(serving);
  });

  test("a reco that cannot be started returns its units, and the third time in a row the client leaves: 7", async () => {
    const serving = serve();
    serving.standIn.put(workBytes([workUnit(0)]));
    for (let time = 0; time < 3; time += 1) {
      (await serving.runners.fit("1/0/0", time)).reject(new RecoError("image-failed", "no such image"));
      await endedCount(serving, time + 1);
      if (time < 2) await vi.advanceTimersByTimeAsync(2000);
    }
    expect(await serving.end).toMatchObject({ status: 7, whyCode: "image-failed" });
    expect(new Set(ways(serving))).toEqual(new Set(["requeue"]));
    expect(outcomes(serving)).toEqual([]);
    expect(statuses(serving).at(-1)).toMatchObject({ state: "goodbye", whyCode: "image-failed" });
  });

  test("nothing came for the first-message limit: 3, and why says what lived", async () => {
    const serving = serve({ limits: { firstMessageSec: 20, idleSec: 5 } });
    await joined(serving);
    vi.advanceTimersByTime(19_000);
    expect(serving.standIn.unconfirmed(queues.workers)).toHaveLength(2);
    vi.advanceTimersByTime(1000);
    serving.standIn.broadcast(controlBytes({ type: "status", id: "any", manifest: {} }));
    const end = await serving.end;
    expect(end.status).toBe(3);
    expect(end.why).toContain("no work came at all for 20 s; the broker is connected, the server answered");
  });

  test("the idle limit counts from the last work; a long fit is not idle", async () => {
    const serving = serve({ limits: { firstMessageSec: 1000, idleSec: 5 } });
    serving.standIn.put(workBytes([workUnit(0)]));
    const fit = await serving.runners.fit("1/0/0");
    vi.advanceTimersByTime(60_000);
    fit.result();
    await endedCount(serving, 1);
    serving.standIn.state({ kind: "down", reason: "cut" });
    vi.advanceTimersByTime(4000);
    expect(serving.standIn.closed).toBe(false);
    vi.advanceTimersByTime(2000);
    const end = await serving.end;
    expect(end.status).toBe(3);
    expect(end.why).toContain("no more work came for 5 s; the broker is not reachable, the server did not answer");
  });
});
