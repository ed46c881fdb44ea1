#!/usr/bin/env node
import { setInterval } from "node:timers";
import { fractionOf } from "../dummy/made-up-sky.mjs";
import { serve } from "../dummy/serve.mjs";

const given = Number(process.env.SKYSCAN_CRASH_DUMMY_PROBABILITY ?? "");
const probability = process.env.SKYSCAN_CRASH_DUMMY_PROBABILITY && Number.isFinite(given) ? given : 0.5;

const troubles = [
  () => process.kill(process.pid, "SIGSEGV"),
  () => {
    process.stderr.write("crash_dummy leaves with status 3\n");
    process.exit(3);
  },
  () => {
    process.stderr.write("crash_dummy hangs and ignores SIGTERM\n");
    process.on("SIGTERM", () => undefined);
    setInterval(() => undefined, 60_000);
    return new Promise(() => undefined);
  },
  () => void process.stdout.write("NaN is what crash_dummy says\n"),
];

// Which unit meets which trouble follows from seed, unit and attempt: the same scan meets the same troubles.
await serve("crash_dummy", "1.0.0", (unit, fit) => {
  const about = JSON.stringify([unit.unit, unit.seed, unit.attempt]);
  if (fractionOf(`whether ${about}`) >= probability) return { type: "result", unit: unit.unit, ...fit() };
  return troubles[Math.floor(fractionOf(`which ${about}`) * troubles.length)]();
});
