import { encode } from "@skyscan/protocol";
import { describe, expect, test } from "vitest";
import { controlBytes, scan, workBytes, workUnit } from "./messages.ts";
import { endedCount, finish, joined, outcomes, queues, serve, statuses, ways } from "./serving.ts";

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
