import { BrokerError } from "@skyscan/broker";
import { RecoError } from "@skyscan/recos";
import { describe, expect, test } from "vitest";
import { startupOf, workBytes, workUnit } from "./messages.ts";
import { endedCount, joined, outcomes, serve, statuses, ways } from "./serving.ts";

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
