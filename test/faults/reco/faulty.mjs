#!/usr/bin/env node
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { serve } from "../../../packages/recos/builtin/dummy/serve.mjs";

/** What one fit takes, milliseconds. */
const fitMs = 70;

/** `{marks: DIRECTORY, units: {UNIT: TROUBLE}, start: [TROUBLE, …]}`: each trouble happens once in all, in whichever process comes first. */
const plan = process.env.FAULTY_PLAN === undefined ? undefined : JSON.parse(readFileSync(process.env.FAULTY_PLAN, "utf8"));

/** True for the first process that asks, of all that share the plan. */
function first(mark) {
  try {
    closeSync(openSync(join(plan.marks, mark), "wx"));
    return true;
  } catch {
    return false;
  }
}

const forever = () => new Promise(() => setInterval(() => undefined, 60_000));
const write = (stream, text) => new Promise((resolve) => stream.write(text, resolve));

const troubles = {
  hang: forever,
  "hang-deaf"() {
    process.on("SIGTERM", () => undefined);
    return forever();
  },
  "leak-children"() {
    for (let child = 0; child < 3; child += 1) spawn("sleep", ["600"], { stdio: "ignore" }).unref();
    process.exit(4);
  },
  async "flood-stdout"() {
    for (let line = 0; line < 200; line += 1) await write(process.stdout, `${"flood ".repeat(20_000)}\n`);
    process.exit(5);
  },
  async "flood-stderr"() {
    for (let line = 0; line < 2000; line += 1) await write(process.stderr, `${"flood ".repeat(2000)}\n`);
    return "fit";
  },
  async "half-line"(unit) {
    await write(process.stdout, `{"type":"result","unit":"${unit.unit}","ll`);
    process.exit(0);
  },
  async "half-line-hang"(unit) {
    await write(process.stdout, `{"type":"result","unit":"${unit.unit}","ll`);
    return forever();
  },
  dies: () => process.exit(6),
  segfault() {
    process.kill(process.pid, "SIGSEGV");
    return forever();
  },
};

for (const [index, trouble] of (plan?.start ?? []).entries())
  if (first(`start-${index}`)) await troubles[trouble]({ unit: "none" });

await serve("faulty", "1.0.0", async (unit, fit) => {
  await pause(fitMs);
  const trouble = plan?.units[unit.unit];
  if (trouble !== undefined && first(unit.unit.replaceAll("/", "-"))) {
    process.stderr.write(`faulty: ${trouble} at ${unit.unit}\n`);
    if ((await troubles[trouble](unit)) !== "fit") return undefined;
  }
  return { type: "result", unit: unit.unit, ...fit() };
});
