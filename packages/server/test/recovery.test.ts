import type { Broker } from "@skyscan/broker";
import { scanQueues } from "@skyscan/protocol";
import { silentLogger } from "@skyscan/runtime";
import { beforeEach, describe, expect, test } from "vitest";
import { recover } from "../src/units/recover.ts";
import type { ScanState } from "../src/state/scan-state.ts";
import { recordingBroadcaster, scan, statusOf } from "./deliveries.ts";
import { scanParts } from "./scan-parts.ts";
import type { ScanParts } from "./scan-parts.ts";
import { failureOf, planOf, resultOf, stateOf, unit, upTo } from "./stand-ins.ts";

let now: number;
let state: ScanState;
let parts: ScanParts;

beforeEach(() => {
  now = 0;
  state = stateOf("1:0", 1, planOf(1, upTo(12)));
  parts = scanParts(state, { nowMs: () => now });
});

describe("recovery", () => {
  const queues = scanQueues(scan);

  /** Recovers with these answers to `who-holds`, without the five seconds that clients have. */
  async function recovered(onAsked: () => void): Promise<string[]> {
    const order: string[] = [];
    const broadcaster = recordingBroadcaster();
    const stop = new AbortController();
    const replies = [3, 1, 0];
    const noted = <T>(what: string, value: T): Promise<T> => {
      order.push(what);
      return Promise.resolve(value);
    };
    const broker = {
      depth: (queue: string) => noted(`depth ${queue === queues.replies ? "replies" : queue}`, replies.shift() ?? 0),
      purge: (queue: string) => noted(`purge ${queue === queues.work ? "work" : queue}`, 7),
    } as unknown as Broker;
    await recover({
      scanId: scan,
      run: 2,
      state,
      ...parts,
      broker,
      broadcaster: {
        ...broadcaster,
        async broadcast(body) {
          await broadcaster.broadcast(body);
          order.push(`broadcast ${broadcaster.sent.at(-1)!.type}`);
          onAsked();
        },
      },
      queues,
      nowMs: () => now,
      logger: silentLogger,
      signal: stop.signal,
    });
    return order;
  }

  test(
    "reads waiting replies, then purges, then asks who holds what; publishes what is neither done nor held",
    { timeout: 10_000 },
    async () => {
      state.apply(resultOf(unit(1, 0), 1));
      state.apply({ type: "gave-up", ...unit(1, 1), code: "crashed", message: "" });
      state.apply(failureOf(unit(1, 4), 1));
      const { workers, publisher, dispatch, care } = parts;
      const order = await recovered(() => {
        workers.beat(
          statusOf("host-a-1", {
            holding: [
              { unit: "1/2/0", elapsedSec: 5 },
              { unit: "1/3/0", elapsedSec: 0 },
              { unit: "1/0/0", elapsedSec: 1 },
              { unit: "64/1/0", elapsedSec: 1 },
            ],
          }),
        );
      });
      expect(order).toEqual(["depth replies", "depth replies", "depth replies", "purge work", "broadcast who-holds"]);
      expect([...publisher.ids].sort()).toEqual([4, 5, 6, 7, 8, 9, 10, 11].map((pixel) => `1/${pixel}/0`).sort());
      expect(publisher.units.find((work) => work.unit === "1/4/0")).toMatchObject({ attempt: 2, avoid: ["host-a"] });
      expect([...dispatch.outstanding].filter(([, out]) => out.holder !== undefined).map(([id]) => id)).toEqual([
        "1/2/0",
        "1/3/0",
      ]);
      now += 30_001;
      care.sweep();
      dispatch.pump();
      expect(publisher.ids.slice(8).sort()).toEqual(["1/2/0", "1/3/0"]);
    },
  );
});
