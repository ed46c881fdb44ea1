import { BrokerError } from "@skyscan/broker";
import type { WorkUnit } from "@skyscan/protocol";
import { describe, expect, test } from "vitest";
import { statusesOf, workBytes, workUnit } from "./messages.ts";
import { endedCount, finish, host, outcomes, queues, serve, ways } from "./serving.ts";

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

  test("the broker has that a fit runs here before it begins: a client's first, and one that may take the client down; others go at once", async () => {
    const serving = serve();
    const { standIn, runners } = serving;
    const told = () => statusesOf(standIn.published(queues.workers)).map(({ holding }) => holding);
    const fit = async (pixel: number, tellings: number, more: Partial<WorkUnit> = {}): Promise<void> => {
      standIn.holdConfirms();
      standIn.put(workBytes([workUnit(pixel, more)]));
      const unit = `1/${pixel}/0`;
      if (tellings > told().length) {
        await standIn.until(() => told().length === tellings);
        expect(told().at(-1)).toEqual([{ unit, elapsedSec: expect.any(Number) as number }]);
        expect(told().at(-1)![0]!.elapsedSec).toBeGreaterThan(0);
        expect(runners.fits.map((one) => one.unit.unit)).not.toContain(unit);
        standIn.confirm();
      }
      const begun = await runners.fit(unit);
      standIn.confirm();
      begun.result();
      await endedCount(serving, pixel + 1);
      expect(told()).toHaveLength(tellings);
    };
    await fit(0, 1);
    await fit(1, 1);
    await fit(2, 2, { alone: true });
    await finish(serving);
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
