import { describe, expect, test } from "vitest";
import { situationOf } from "../src/workers/presence.ts";
import type { PresenceFacts } from "../src/workers/presence.ts";
import { silenceVerdict } from "../src/workers/silence.ts";
import { createWorkers } from "../src/workers/workers.ts";
import type { Worker } from "../src/workers/workers.ts";
import { statusOf } from "./deliveries.ts";
import { failureOf, unit } from "./stand-ins.ts";

const aliveOf = (...ids: readonly string[]): Worker[] => {
  const workers = createWorkers(() => 0);
  return ids.map((id) => workers.beat(statusOf(id)));
};
const gone = (id: string, why: string, state: "lost" | "goodbye" = "goodbye"): Worker => ({ ...aliveOf(id)[0]!, state, why });

const at = (more: Partial<PresenceFacts>): ReturnType<typeof situationOf> =>
  situationOf({ run: 1, workers: [], proven: false, failuresInRow: 0, lastFailure: undefined, ...more });

describe("what there is of clients", () => {
  test("nobody ever came, as far as this server knows", () => {
    expect(at({})).toEqual({ presence: "no-client", sentence: "no client has ever come" });
    expect(at({ run: 2 }).sentence).toBe("no client has come since this server's start");
  });

  test("all are gone, and how", () => {
    const workers = [
      gone("a-1", "no beat for 30 s", "lost"),
      gone("b-1", "no beat for 30 s", "lost"),
      gone("c-1", "told to leave: 5 failures"),
    ];
    expect(at({ workers })).toEqual({
      presence: "all-gone",
      sentence: "all 3 clients are gone: 2 lost (no beat for 30 s), 1 left (told to leave: 5 failures)",
    });
    expect(at({ workers: [gone("a-1", "one\ntwo")] }).sentence).toBe("the only client is gone: 1 left (one)");
  });

  test("they are here", () => {
    expect(at({ workers: [...aliveOf("a-1", "a-2"), gone("b-1", "x")] })).toEqual({
      presence: "working",
      sentence: "2 clients with 2 slots",
    });
  });

  test("they are here but nothing succeeds: at the third failure while nothing ever has, later where something has", () => {
    const facts = { workers: aliveOf("a-1"), lastFailure: failureOf(unit(1, 2), 1) };
    expect(at({ ...facts, failuresInRow: 2 }).presence).toBe("working");
    expect(at({ ...facts, failuresInRow: 3 })).toEqual({
      presence: "nothing-succeeds",
      sentence:
        "clients are here but nothing succeeds (1 client with 1 slot): 3 failures in a row, the last on host-a: crashed: exit status 1",
    });
    expect(at({ ...facts, failuresInRow: 19, proven: true }).presence).toBe("working");
    expect(at({ ...facts, failuresInRow: 20, proven: true }).presence).toBe("nothing-succeeds");
  });
});

describe("silence", () => {
  test("is borne up to its limit", () => {
    expect(silenceVerdict(() => at({}), 9, 10)).toBeUndefined();
  });

  test("ends the scan in words that tell who is missing", () => {
    const said = (more: Partial<PresenceFacts>): string | undefined => silenceVerdict(() => at(more), 10, 10);
    expect(said({})).toBe("nothing came for 10 s: no client has ever come (limit SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS=10)");
    expect(said({ workers: [gone("a-1", "x")] })).toContain("the only client is gone: 1 left (x)");
    expect(said({ workers: aliveOf("a-1", "b-1") })).toContain("clients are here but send nothing (2 clients with 2 slots)");
  });
});
