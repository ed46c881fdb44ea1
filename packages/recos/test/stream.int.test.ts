// Mode stream over real child processes: what is said, what is charged to whom.
import { readdir } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBench, forever, unitOf } from "./fixture-reco.ts";
import type { Bench } from "./fixture-reco.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

describe("a stream reco", () => {
  test("gets start once, first, and then one line per unit, in one warm process", async () => {
    const reco = await bench.streamReco(`
      onStart = (line, text) => { note(text); ready(); };
      onUnit = (line, text) => { note(text); result(line, process.pid); };`);
    const runner = await bench.runner(reco);
    const outcomes = [await runner.run(unitOf(1), forever()), await runner.run(unitOf(2), forever())];
    const [start, ...units] = (await bench.notes()).map((line): unknown => JSON.parse(line));
    expect(start).toMatchObject({ type: "start", protocol: 1, slot: 3, startup: `${bench.directory}/client-startup.json` });
    expect(units).toMatchObject([
      { type: "unit", unit: "8/1/0", attempt: 1, timeLimitSec: 20 },
      { type: "unit", unit: "8/2/0", attempt: 1, timeLimitSec: 20 },
    ]);
    const [first, second] = outcomes.map((outcome) => (outcome.kind === "result" ? outcome.result.llh : undefined));
    expect(first).toBeGreaterThan(0);
    expect(second).toBe(first);
  });

  test("has exactly the environment of the protocol, its scratch as working directory, and a session of its own", async () => {
    const reco = await bench.streamReco(
      `import { readFileSync } from "node:fs";
       note(JSON.stringify({ env: process.env, cwd: process.cwd(), pid: process.pid, stat: readFileSync("/proc/self/stat", "utf8") }));`,
      { run: { passEnv: ["GIVEN", "UNSET"] } },
    );
    const environment = {
      PATH: process.env["PATH"],
      HOME: "/home/me",
      LANG: "C",
      TMPDIR: "/tmp",
      GIVEN: "1",
      OTHER: "1",
      SKYSCAN_BROKER_AUTH: "s",
    };
    const runner = await bench.runner(reco, { environment });
    await runner.run(unitOf(1), forever());
    const { env, cwd, pid, stat } = JSON.parse((await bench.notes())[0]!) as {
      env: Record<string, string>;
      cwd: string;
      pid: number;
      stat: string;
    };
    expect(Object.keys(env).sort()).toEqual([
      "GIVEN",
      "HOME",
      "LANG",
      "LC_ALL",
      "NOTES",
      "PATH",
      "SKYSCAN_SCRATCH",
      "SKYSCAN_SLOT",
      "SKYSCAN_STARTUP",
      "TMPDIR",
    ]);
    expect(cwd).toBe(env["SKYSCAN_SCRATCH"]);
    const [, , group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    expect([Number(group), Number(session)]).toEqual([pid, pid]);
  });

  test("that reports an error is believed, retry true unless it says otherwise, and goes on", async () => {
    const reco = await bench.streamReco(`
      onUnit = (line) => {
        log("looking\\n");
        if (line.pixel === 3) return result(line, null);
        say({ type: "error", unit: line.unit, code: "fit-failed", message: "no minimum", ...(line.pixel === 2 ? { retry: false } : {}) });
      };`);
    const runner = await bench.runner(reco);
    const failure = { kind: "failure", code: "fit-failed", message: "no minimum" };
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ ...failure, retry: true });
    expect(await runner.run(unitOf(2), forever())).toMatchObject({
      ...failure,
      retry: false,
      stderrTail: expect.stringContaining("looking"),
    });
    expect(await runner.run(unitOf(3), forever())).toMatchObject({ kind: "result", result: { llh: null } });
  });

  test("with inFlight 4 has four units at once and answers them in any order", async () => {
    const reco = await bench.streamReco(
      `const got = [];
       onUnit = (line) => { got.push(line); if (got.length === 4) for (const one of got.reverse()) result(one, one.pixel); };`,
      { run: { inFlight: 4 } },
    );
    const runner = await bench.runner(reco);
    expect(runner.inFlight).toBe(4);
    const outcomes = await Promise.all([1, 2, 3, 4].map((pixel) => runner.run(unitOf(pixel), forever())));
    expect(outcomes.map((one) => (one.kind === "result" ? one.result.llh : one.kind))).toEqual([1, 2, 3, 4]);
  });

  test("may flood stderr: it is drained, and the last 64 KiB are kept", async () => {
    const reco = await bench.streamReco(`
      onUnit = (line) => process.stderr.write("x".repeat(10 * 1024 * 1024) + "the end", () => line.pixel === 1 ? result(line) : process.exit(7));`);
    const runner = await bench.runner(reco);
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ kind: "result" });
    const crashed = await runner.run(unitOf(2), forever());
    expect(crashed).toMatchObject({ kind: "failure", code: "crashed", message: expect.stringContaining("status 7") });
    if (crashed.kind !== "failure") return;
    expect(crashed.stderrTail).toHaveLength(64 * 1024);
    expect(crashed.stderrTail.endsWith("the end")).toBe(true);
  });

  test("with a debug directory leaves all of its stderr there", async () => {
    const reco = await bench.streamReco(`onUnit = (line) => process.stderr.write("hello", () => result(line));`);
    const debugDirectory = `${bench.directory}/debug`;
    const runner = await bench.runner(reco, { debugDirectory });
    await runner.run(unitOf(1), forever());
    await runner.close();
    expect(await readdir(debugDirectory)).toEqual(["slot-3-process-1.stderr"]);
  });
});

describe("breaking the protocol ends the process, is charged to the unit that is out, and the next unit gets a fresh process:", () => {
  test.each([
    ["NaN", `say('{"type":"result","unit":"8/1/0","llh":NaN}')`],
    ["a number as text", `say({ type: "result", unit: line.unit, llh: "1" })`],
    ["something that is no JSON", `say("fitting…")`],
    ["an empty line", `say("")`],
    ["a foreign unit", `say({ type: "result", unit: "8/99/0", llh: 1 })`],
    ["a second ready", `ready()`],
    ["a line of more than 8 MiB", `process.stdout.write("x".repeat(9 * 1024 * 1024))`],
    ["bytes that are no text", `process.stdout.write(Buffer.from([0xff, 10]))`],
    ["a flood of garbage", `process.stdout.write("garbage\\n".repeat(1_000_000))`],
    [
      "closing stdout",
      `process.stdout.destroy(), setInterval(() => undefined, 1000), import("node:fs").then((fs) => fs.closeSync(1))`,
    ],
  ])("%s", async (_what, action) => {
    const reco = await bench.streamReco(`
      onUnit = (line) => { note(process.pid); if (line.attempt === 1) { ${action}; } else result(line); };`);
    const runner = await bench.runner(reco);
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ kind: "failure", code: "protocol", retry: true });
    expect(await runner.run(unitOf(1, 2), forever())).toMatchObject({ kind: "result" });
    const [first, second] = await bench.notes();
    expect(first).not.toBe(second);
  });

  test("a second reply, when the next unit is out", async () => {
    const reco = await bench.streamReco(`
      let last;
      onUnit = (line) => { if (last === undefined) result(line); else result(last); last = line; };`);
    const runner = await bench.runner(reco);
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ kind: "result" });
    expect(await runner.run(unitOf(2), forever())).toMatchObject({ kind: "failure", code: "protocol" });
    expect(await runner.run(unitOf(3), forever())).toMatchObject({ kind: "result" });
  });

  test("output while no unit is out is charged to none", async () => {
    const reco = await bench.streamReco(
      `onUnit = (line) => { note(process.pid); result(line); if (line.pixel === 1) result(line); };`,
    );
    let ended = (): void => undefined;
    const gone = new Promise<void>((resolve) => (ended = resolve));
    const runner = await bench.runner(reco, { observer: { ended: () => ended() } });
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ kind: "result" });
    await gone;
    expect(await runner.run(unitOf(2), forever())).toMatchObject({ kind: "result" });
    expect(new Set(await bench.notes()).size).toBe(2);
  });
});

test("progress is tolerated, also late, and unknown keys are ignored", async () => {
  const reco = await bench.streamReco(`
    onUnit = (line) => {
      say({ type: "progress", unit: line.unit, fraction: 0.4, more: [] });
      say({ type: "result", unit: line.unit, llh: 1, extra: { deep: true } });
      say({ type: "progress", unit: line.unit, fraction: 1 });
      note(process.pid);
    };`);
  const runner = await bench.runner(reco);
  for (const pixel of [1, 2, 3]) expect(await runner.run(unitOf(pixel), forever())).toMatchObject({ kind: "result" });
  expect(new Set(await bench.notes()).size).toBe(1);
});
