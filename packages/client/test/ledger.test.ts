import type { Delivery } from "@skyscan/broker";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLedger } from "../src/ledger.ts";
import type { Ledger, Task } from "../src/ledger.ts";
import { workUnit } from "./messages.ts";
import type { WorkUnit } from "@skyscan/protocol";

interface Tracked extends Delivery {
  readonly ends: ("ack" | "requeue")[];
}

function delivery(deliveryCount = 0): Tracked {
  const ends: Tracked["ends"] = [];
  return {
    body: new Uint8Array(),
    deliveryCount,
    ends,
    ack: () => void ends.push("ack"),
    requeue: () => void ends.push("requeue"),
  };
}

function take(ledger: Ledger, pixels: readonly number[], nowMs = 0, returns = 0, more: Partial<WorkUnit> = {}): Tracked {
  const one = delivery(returns);
  const units = pixels.map((pixel) => workUnit(pixel, more));
  const hold = ledger.hold(
    one,
    units.map(({ unit }) => unit),
    nowMs,
  );
  for (const unit of units) if (!ledger.attach(hold, unit)) ledger.queue(hold, unit);
  return one;
}

function answer(ledger: Ledger, task: Task): void {
  for (const hold of ledger.finish(task) ?? []) ledger.settle(hold, task.unit);
  ledger.confirm(task);
}

describe("the ledger", () => {
  test("gives back only deliveries of which nothing has begun", () => {
    const ledger = createLedger();
    const begun = take(ledger, [0, 1]);
    const waiting = take(ledger, [2]);
    ledger.next(0);
    ledger.returnNotBegun();
    expect([begun.ends, waiting.ends]).toEqual([[], ["requeue"]]);
    expect([ledger.running, ledger.queued]).toEqual([1, 1]);
  });

  test("of what was taken ahead, the oldest may stay; what came back before does, whatever is kept", () => {
    const ledger = createLedger();
    const begun = take(ledger, [0]);
    ledger.next(0);
    const returned = take(ledger, [1], 0, 1);
    const [older, newer, newest] = [take(ledger, [2, 3]), take(ledger, [4, 5]), take(ledger, [6])];
    ledger.returnAhead(4);
    expect([begun, returned, older, newer, newest].map(({ ends }) => ends)).toEqual([[], [], [], [], ["requeue"]]);
    ledger.returnAhead(0);
    expect([begun, returned, older, newer].map(({ ends }) => ends)).toEqual([[], [], ["requeue"], ["requeue"]]);
  });

  test("an answered part of a batch keeps the rest here", () => {
    const ledger = createLedger();
    const batch = take(ledger, [0, 1]);
    answer(ledger, ledger.next(0)!);
    ledger.returnNotBegun();
    expect(batch.ends).toEqual([]);
    answer(ledger, ledger.next(0)!);
    expect(batch.ends).toEqual(["ack"]);
  });

  test("a unit whose reco did not start goes back with its delivery, or is tried again when others of it have begun", () => {
    const ledger = createLedger();
    const single = take(ledger, [0]);
    ledger.putBack(ledger.next(0)!);
    expect(single.ends).toEqual(["requeue"]);
    expect(ledger.queued).toBe(0);
    const batch = take(ledger, [1, 2]);
    const first = ledger.next(0)!;
    ledger.next(0);
    ledger.putBack(first);
    expect(batch.ends).toEqual([]);
    expect(ledger.next(0)?.unit).toBe(first.unit);
  });

  test("a unit that the server owns stays without a delivery", () => {
    const ledger = createLedger();
    const batch = take(ledger, [0, 1]);
    ledger.next(0);
    const [overdue] = ledger.overdue(10_000, 10_000);
    expect(overdue?.tasks.map(({ unit }) => unit)).toEqual(["1/0/0", "1/1/0"]);
    expect(ledger.overdue(20_000, 10_000)).toEqual([]);
    ledger.handOver(overdue!.hold, ["1/0/0", "1/1/0"]);
    expect(batch.ends).toEqual(["ack"]);
    ledger.returnNotBegun();
    expect(ledger.next(0)?.unit).toBe("1/1/0");
  });

  test("a cancelled unit settles its deliveries, and its late outcome is nobody's", () => {
    const ledger = createLedger();
    const one = take(ledger, [0]);
    const task = ledger.next(0)!;
    expect(ledger.cancel(["1/0/0"])).toEqual([task]);
    expect(one.ends).toEqual(["ack"]);
    expect(ledger.finish(task)).toBeUndefined();
  });

  test("whatever happens, every delivery is ended exactly once and acked only when all its units are settled", () => {
    const step = fc.record({
      kind: fc.constantFrom("take", "next", "answer", "putBack", "cancel", "return"),
      n: fc.nat(5),
      m: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ledger = createLedger();
        const deliveries: { tracked: Tracked; units: Set<string> }[] = [];
        let running: Task[] = [];
        const settled = (unit: string): void => {
          for (const one of deliveries) if (one.tracked.ends.length === 0) one.units.delete(unit);
        };
        for (const { kind, n, m } of steps) {
          const task = running[n % Math.max(1, running.length)];
          if (kind === "take") {
            const units = new Set([`1/${n}/0`, `1/${m}/0`]);
            deliveries.push({ tracked: delivery(), units });
            const { tracked } = deliveries.at(-1)!;
            const hold = ledger.hold(tracked, [...units], 0);
            for (const pixel of new Set([n, m])) if (!ledger.attach(hold, workUnit(pixel))) ledger.queue(hold, workUnit(pixel));
          } else if (kind === "next") {
            const next = ledger.next(0);
            if (next !== undefined) running.push(next);
          } else if (kind === "cancel") {
            settled(`1/${n}/0`);
            ledger.cancel([`1/${n}/0`]);
          } else if (kind === "return") ledger.returnNotBegun();
          else if (task !== undefined) {
            running = running.filter((one) => one !== task);
            if (kind === "putBack") ledger.putBack(task);
            else {
              const holds = ledger.finish(task);
              if (holds !== undefined) settled(task.unit);
              for (const hold of holds ?? []) ledger.settle(hold, task.unit);
              ledger.confirm(task);
            }
          }
          for (const { tracked, units } of deliveries) {
            expect(tracked.ends.length).toBeLessThanOrEqual(1);
            if (tracked.ends[0] === "ack") expect(units.size).toBe(0);
          }
        }
        ledger.returnAll();
        for (const { tracked } of deliveries) expect(tracked.ends).toHaveLength(1);
        expect(ledger.holding(0)).toEqual([]);
      }),
    );
  });
});

describe("a unit over which workers were lost", () => {
  test("is a suspect from the first return on, or when the server says so", () => {
    const ledger = createLedger();
    take(ledger, [0]);
    take(ledger, [1], 0, 1);
    take(ledger, [2], 0, 0, { alone: true });
    const [first, second] = [ledger.next(0)!, ledger.next(0)!];
    expect([first.suspect, second.suspect]).toEqual([false, true]);
    answer(ledger, first);
    answer(ledger, second);
    expect(ledger.next(0)).toMatchObject({ unit: "1/2/0", suspect: true });
  });

  test.each([
    ["that came back three times", 3, {}],
    ["that the server wants alone", 0, { alone: true }],
  ])("%s runs while nothing else does, and is not overtaken", (_, returns, more) => {
    const ledger = createLedger();
    take(ledger, [0, 1]);
    const running = [ledger.next(0)!, ledger.next(0)!];
    take(ledger, [2], 0, returns, more);
    take(ledger, [3, 4]);
    for (const task of running) {
      expect(ledger.next(0)).toBeUndefined();
      answer(ledger, task);
    }
    const alone = ledger.next(0)!;
    expect(alone.unit).toBe("1/2/0");
    expect(ledger.next(0)).toBeUndefined();
    answer(ledger, alone);
    expect([ledger.next(0)?.unit, ledger.next(0)?.unit]).toEqual(["1/3/0", "1/4/0"]);
  });

  test("lets the others go on when its reco did not start, or when it is cancelled", () => {
    const ledger = createLedger();
    take(ledger, [0], 0, 3);
    take(ledger, [1]);
    const alone = ledger.next(0)!;
    ledger.putBack(alone);
    const other = ledger.next(0)!;
    expect(other.unit).toBe("1/1/0");
    answer(ledger, other);
    take(ledger, [2], 0, 3);
    take(ledger, [3]);
    expect(ledger.next(0)).toMatchObject({ unit: "1/2/0" });
    ledger.cancel(["1/2/0"]);
    expect(ledger.next(0)).toMatchObject({ unit: "1/3/0" });
  });
});
