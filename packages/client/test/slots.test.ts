import type { RunnerOutcome } from "@skyscan/recos";
import { deferred } from "@skyscan/runtime";
import { expect, test } from "vitest";
import { createSlots } from "../src/slots.ts";
import type { Task } from "../src/ledger.ts";
import { workUnit } from "./messages.ts";

const taskOf = (pixel: number): Task => ({ ...workUnit(pixel), suspect: false });
const cancelled: RunnerOutcome = { kind: "cancelled", runtimeSec: 0 };

test("the next fit begins before the last one's outcome is seen to", async () => {
  const tasks = [taskOf(0), taskOf(1)];
  const happened: string[] = [];
  const over = deferred();
  const slots = createSlots({
    runners: [
      {
        inFlight: 1,
        run({ unit }) {
          happened.push(`begins ${unit}`);
          return Promise.resolve(cancelled);
        },
        close: () => Promise.resolve(),
      },
    ],
    next: () => tasks.shift(),
    announce: () => undefined,
    ended({ unit }) {
      happened.push(`ended ${unit}`);
      if (unit === "1/1/0") over.resolve();
    },
    startFailed: () => undefined,
    broken: () => undefined,
    proven: () => true,
  });
  slots.pump();
  await over.promise;
  expect(happened).toEqual(["begins 1/0/0", "begins 1/1/0", "ended 1/0/0", "ended 1/1/0"]);
  await slots.close();
});
