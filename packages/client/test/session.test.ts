import { describe, expect, test } from "vitest";
import { controlBytes, outcomesOf, statusesOf, workBytes, workUnit } from "./messages.ts";
import { queues, serve } from "./serving.ts";

describe("a unit", () => {
  test("is acked only after the broker has confirmed its outcome", async () => {
    const { standIn, runners, end } = serve();
    standIn.holdConfirms();
    standIn.put(queues.work, workBytes([workUnit(0)]));
    (await runners.fit("1/0/0")).result(7);
    await standIn.until(() => standIn.published(queues.replies).length === 1);
    expect(standIn.ended).toEqual([]);
    standIn.confirm();
    await standIn.until(() => standIn.ended.length === 1);
    expect(standIn.ended[0]?.how).toBe("ack");
    expect(outcomesOf(standIn.published(queues.replies))).toMatchObject([{ unit: "1/0/0", kind: "result", result: { llh: 7 } }]);
    standIn.broadcast(controlBytes({ type: "end" }));
    expect(await end).toMatchObject({ status: 0 });
    expect(standIn.closed).toBe(true);
  });

  test("hello comes first, goodbye last", async () => {
    const { standIn, end } = serve({ slots: 2 });
    await standIn.until(() => standIn.prefetch > 0);
    expect(standIn.prefetch).toBe(4);
    standIn.broadcast(controlBytes({ type: "who-holds" }));
    standIn.broadcast(controlBytes({ type: "end" }));
    await end;
    const statuses = statusesOf(standIn.unconfirmed(queues.workers));
    expect(statuses.map((status) => status.state)).toEqual(["hello", "working", "goodbye"]);
    expect(statuses[0]).toMatchObject({ slots: 2, lookahead: 2, versions: { reco: { name: "dummy" } } });
  });
});
