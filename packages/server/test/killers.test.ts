import { silentLogger } from "@skyscan/runtime";
import { describe, expect, test } from "vitest";
import { createKillers } from "../src/units/killers.ts";
import { recordingBroadcaster, scan } from "./deliveries.ts";
import { memoryJournal, planOf, stateOf, unit, upTo } from "./stand-ins.ts";

const plan = planOf(1, upTo(12));
const gaveUp = (pixel: number, code: "killed" | "crashed") =>
  ({ type: "gave-up", ...unit(1, pixel), code, message: "" }) as const;

describe("who takes clients down", () => {
  test("is told of by unit to everybody, once for all that came meanwhile, also when a server before this one gave it up; other failures are not", () => {
    const broadcaster = recordingBroadcaster();
    const state = stateOf("1:0", 1, plan, gaveUp(3, "killed"), gaveUp(4, "crashed"), gaveUp(5, "killed"));
    const killers = createKillers({ scanId: scan, run: 2, state, journal: memoryJournal(), broadcaster, logger: silentLogger });
    killers.tell();
    expect(broadcaster.sent).toEqual([]);
    for (const _ of upTo(3)) killers.due();
    for (const _ of upTo(3)) killers.tell();
    expect(broadcaster.sent).toMatchObject([{ type: "cancel", run: 2, units: ["1/3/0", "1/5/0"] }]);
  });

  test("is nobody: nothing is told", () => {
    const broadcaster = recordingBroadcaster();
    const state = stateOf("1:0", 1, plan, gaveUp(4, "crashed"));
    const killers = createKillers({ scanId: scan, run: 1, state, journal: memoryJournal(), broadcaster, logger: silentLogger });
    killers.due();
    killers.tell();
    expect(broadcaster.sent).toEqual([]);
  });

  test("is told of when it is on disk, and not before", () => {
    const broadcaster = recordingBroadcaster();
    const journal = memoryJournal(true);
    const state = stateOf("1:0", 1, plan, gaveUp(3, "killed"));
    const killers = createKillers({ scanId: scan, run: 1, state, journal, broadcaster, logger: silentLogger });
    killers.due();
    killers.tell();
    expect(broadcaster.sent).toEqual([]);
    journal.sync();
    expect(broadcaster.sent).toHaveLength(1);
  });
});
