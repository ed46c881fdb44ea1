import { beatSec } from "@skyscan/protocol";
import type { WorkUnit } from "@skyscan/protocol";
import { RecoError } from "@skyscan/recos";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLookahead } from "../src/lookahead.ts";
import { controlBytes, workBytes, workUnit } from "./messages.ts";
import { endedCount, finish, joined, outcomes, queues, serve, statuses, ways } from "./serving.ts";

describe("as time goes by", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
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

  test("takes what the slots can run, and half a second of short fits ahead", async () => {
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
    // Fits of 0.5 s, three of which share a slot.
    expect(serving.standIn.prefetch).toBe(6 + 8);
    await vi.advanceTimersByTimeAsync(beatSec * 1000);
    expect(statuses(serving).at(-1)).toMatchObject({ slots: 2, lookahead: 12 });
    await finish(serving);
  });

  test("messages that bring more units narrow what is taken ahead, and nothing of what is in hand goes back", async () => {
    const lookahead = createLookahead({ slots: 1, prefetch: 1 });
    for (let fit = 0; fit < 4; fit += 1) lookahead.fitted(0.01);
    const serving = serve({ lookahead });
    await joined(serving);
    await vi.advanceTimersByTimeAsync(300);
    expect(serving.standIn.prefetch).toBe(65);
    const tenUnits = (message: number): WorkUnit[] => Array.from({ length: 10 }, (_, unit) => workUnit(10 * message + unit));
    for (let message = 0; message < 15; message += 1) serving.standIn.put(workBytes(tenUnits(message)));
    await serving.standIn.until(() => serving.standIn.out === 15);
    await vi.advanceTimersByTimeAsync(300);
    expect(serving.standIn).toMatchObject({ prefetch: 9, out: 15, waiting: 0 });
    expect(ways(serving)).toEqual([]);
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
