// The life of a stream reco's process over real child processes: start, crash, hang, cancel, close.
import { readdir } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBench, forever, isRunning, unitOf } from "./fixture-reco.ts";
import type { Bench } from "./fixture-reco.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

/** Ignores SIGTERM, with a child of its own that does too; both leave their ids in the notes before the unit counts as hung. */
const hang = `
  const hang = () => {
    process.on("SIGTERM", () => undefined);
    setInterval(() => undefined, 1000);
    const child = spawn("sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 1000; done"], { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", () => { note(process.pid); note(child.pid); });
  };`;

const runningOf = async (pids: readonly string[]): Promise<readonly boolean[]> =>
  Promise.all(pids.map((pid) => isRunning(Number(pid))));

/** Settles when the fixture has left so many notes. */
async function untilNotes(count: number): Promise<readonly string[]> {
  return expect
    .poll(async () => (await bench.notes()).length, { timeout: 20_000, interval: 10 })
    .toBeGreaterThanOrEqual(count)
    .then(() => bench.notes());
}

describe("what goes wrong before ready is start-failed and charged to no unit:", () => {
  test.each([
    ["another name", `onStart = () => ready({ name: "other" });`, /name "other", not "fixture"/],
    ["another version", `onStart = () => ready({ version: "2" });`, /version "2", not "1.0.0"/],
    ["another protocol", `onStart = () => ready({ protocol: 2 });`, /protocol 2, not 1/],
    ["an early result", `onStart = () => say({ type: "result", unit: "8/1/0", llh: 1 });`, /said result before ready/],
    ["garbage", `onStart = () => say("hello");`, /not a JSON object: "hello"/],
    ["an exit", `onStart = () => { log("no protocol 1 here"); process.exit(4); };`, /ended with status 4.*no protocol 1 here/],
    ["death", `onStart = () => process.kill(process.pid, "SIGKILL");`, /killed by SIGKILL/],
  ])("%s", async (_what, script, message) => {
    const runner = await bench.runner(await bench.streamReco(`note(process.pid); ${script}`));
    const error: unknown = await runner.run(unitOf(1), forever()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "start-failed", message: expect.stringMatching(message) });
    expect(await runningOf(await bench.notes())).toEqual([false]);
  });

  test("never saying ready", async () => {
    const reco = await bench.streamReco(`${hang} onStart = hang;`, { startTimeoutSec: 2 });
    const runner = await bench.runner(reco);
    await expect(runner.run(unitOf(1), forever())).rejects.toMatchObject({
      code: "start-failed",
      message: expect.stringContaining("not ready within 2 s"),
    });
    expect(await runningOf(await bench.notes())).toEqual([false, false]);
  });

  test.each([
    ["./nowhere", /nowhere does not exist/],
    ["./reco.json", /reco\.json is not executable/],
    ["no-such-program", /"no-such-program" is not on PATH/],
  ])("the executable %s", async (first, message) => {
    const runner = await bench.runner(await bench.streamReco("", { run: { command: [first] } }));
    await expect(runner.run(unitOf(1), forever())).rejects.toMatchObject({
      code: "start-failed",
      message: expect.stringMatching(message),
    });
  });
});

describe("a process that ends", () => {
  test("while a unit is out has crashed: status or signal, and the end of stderr, are told", async () => {
    const reco = await bench.streamReco(`
      onUnit = (line) => process.stderr.write("bad luck", () => line.pixel === 1 ? process.exit(3) : process.kill(process.pid, "SIGSEGV"));`);
    const runner = await bench.runner(reco);
    const crashed = { kind: "failure", code: "crashed", retry: true, stderrTail: "bad luck" };
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ ...crashed, message: expect.stringContaining("status 3") });
    expect(await runner.run(unitOf(2), forever())).toMatchObject({ ...crashed, message: expect.stringContaining("SIGSEGV") });
  });

  test("with several units out has crashed for all of them", async () => {
    const reco = await bench.streamReco(`let out = 0; onUnit = () => { out += 1; if (out === 3) process.exit(1); };`, {
      run: { inFlight: 3 },
    });
    const runner = await bench.runner(reco);
    const outcomes = await Promise.all([1, 2, 3].map((pixel) => runner.run(unitOf(pixel), forever())));
    expect(outcomes.map((one) => (one.kind === "failure" ? one.code : one.kind))).toEqual(["crashed", "crashed", "crashed"]);
  });

  test("with half a line has not answered", async () => {
    const reco = await bench.streamReco(`
      onUnit = (line) => process.stdout.write(JSON.stringify({ type: "result", unit: line.unit, llh: 1 }), () => process.exit(0));`);
    const runner = await bench.runner(reco);
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ kind: "failure", code: "crashed" });
  });

  test("right after its answer has answered", async () => {
    const reco = await bench.streamReco(`
      onUnit = (line) => process.stdout.write(JSON.stringify({ type: "result", unit: line.unit, llh: 1 }) + "\\n", () => process.exit(1));`);
    const runner = await bench.runner(reco);
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ kind: "result" });
  });

  test("while idle is started again when needed, and is nobody's failure", async () => {
    const reco = await bench.streamReco(
      `onUnit = (line) => { note(process.pid); result(line); setTimeout(() => process.exit(0), 20); };`,
    );
    let ended = (): void => undefined;
    const runner = await bench.runner(reco, { observer: { ended: () => ended() } });
    for (const pixel of [1, 2]) {
      const gone = new Promise<void>((resolve) => (ended = resolve));
      expect(await runner.run(unitOf(pixel), forever())).toMatchObject({ kind: "result" });
      await gone;
    }
    expect(new Set(await bench.notes()).size).toBe(2);
  });

  test("again and again is started again after growing waits", async () => {
    const reco = await bench.streamReco(`onStart = () => { note(Date.now()); ready(); }; onUnit = () => process.exit(1);`);
    const runner = await bench.runner(reco);
    for (const pixel of [1, 2, 3]) await runner.run(unitOf(pixel), forever());
    const [first, second, third] = (await bench.notes()).map(Number);
    expect(third! - second!).toBeGreaterThan(250);
    expect(second! - first!).toBeLessThan(third! - first!);
  });

  test("takes what it left in its scratch, and its own children, with it", async () => {
    const reco = await bench.streamReco(`
      import { readdirSync, writeFileSync } from "node:fs";
      onUnit = (line) => {
        note("files: " + readdirSync(".").length);
        writeFileSync("left-over", "x");
        const child = spawn("sleep", ["1000"], { stdio: "inherit" });
        child.once("spawn", () => { note(child.pid); process.exit(1); });
      };`);
    const runner = await bench.runner(reco);
    await runner.run(unitOf(1), forever());
    await runner.run(unitOf(2), forever());
    const notes = await bench.notes();
    expect(notes.filter((note) => note.startsWith("files"))).toEqual(["files: 0", "files: 0"]);
    expect(await runningOf(notes.filter((note) => /^\d+$/.test(note)))).toEqual([false, false]);
  });
});

describe("the time limit", () => {
  test("ends a hung reco that ignores SIGTERM, and its children, and the next unit gets a fresh process", async () => {
    const reco = await bench.streamReco(`${hang} onUnit = (line) => line.pixel === 1 ? (log("hanging"), hang()) : result(line);`);
    const runner = await bench.runner(reco, { timeoutSec: 1 });
    const outcome = await runner.run(unitOf(1), forever());
    expect(outcome).toMatchObject({ kind: "failure", code: "timed-out", retry: true, stderrTail: "hanging" });
    expect(await bench.notes()).toHaveLength(2);
    expect(await runningOf(await bench.notes())).toEqual([false, false]);
    expect(await runner.run(unitOf(2), forever())).toMatchObject({ kind: "result" });
  });

  test("gives five seconds after SIGTERM", async () => {
    const reco = await bench.streamReco(`
      onUnit = () => process.on("SIGTERM", () => { note(Date.now()); setTimeout(() => { note(Date.now()); process.exit(0); }, 2000); });`);
    const runner = await bench.runner(reco, { timeoutSec: 0.2, grace: undefined });
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ code: "timed-out" });
    expect(await bench.notes()).toHaveLength(2);
  });

  test("is not extended by progress", async () => {
    const reco = await bench.streamReco(`
      onUnit = (line) => setInterval(() => say({ type: "progress", unit: line.unit, fraction: 0.1 }), 50);`);
    const runner = await bench.runner(reco, { timeoutSec: 0.5 });
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ code: "timed-out" });
  });

  test("of one unit does not charge the others of the same process: they are sent again", async () => {
    const reco = await bench.streamReco(
      `onUnit = (line) => {
         note(line.unit);
         if (line.pixel === 1) return;
         if (line.pixel === 2) setTimeout(() => result(line, 2), 900);
       };`,
      { run: { inFlight: 2 }, timeoutSec: 1.2 },
    );
    const runner = await bench.runner(reco);
    const hung = runner.run(unitOf(1), forever());
    await untilNotes(1);
    const first = runner.run(unitOf(2), forever());
    expect(await first).toMatchObject({ kind: "result" });
    const second = runner.run({ ...unitOf(2), unit: "late" }, forever());
    expect(await hung).toMatchObject({ code: "timed-out" });
    expect(await second).toMatchObject({ kind: "result", result: { llh: 2 } });
    expect((await bench.notes()).filter((unit) => unit === "late")).toHaveLength(2);
  });
});

describe("a unit that is no longer wanted", () => {
  test("ends the process, children too, and is cancelled, no failure", async () => {
    const reco = await bench.streamReco(`${hang} onUnit = (line) => line.pixel === 1 ? hang() : result(line);`);
    const runner = await bench.runner(reco);
    const stop = new AbortController();
    const run = runner.run(unitOf(1), stop.signal);
    const pids = await untilNotes(2);
    stop.abort();
    expect(await run).toMatchObject({ kind: "cancelled" });
    expect(await runningOf(pids)).toEqual([false, false]);
    expect(await runner.run(unitOf(2), forever())).toMatchObject({ kind: "result" });
  });

  test("while the process starts costs nothing: the start goes on", async () => {
    const reco = await bench.streamReco(`onStart = () => { note(process.pid); setTimeout(ready, 300); };`);
    const runner = await bench.runner(reco);
    const stop = new AbortController();
    const run = runner.run(unitOf(1), stop.signal);
    await untilNotes(1);
    stop.abort();
    expect(await run).toMatchObject({ kind: "cancelled" });
    expect(await runner.run(unitOf(2), forever())).toMatchObject({ kind: "result" });
    expect(await bench.notes()).toHaveLength(1);
  });
});

describe("closing", () => {
  test("ends stdin, waits for the process to leave by itself, and removes its scratch and nothing else", async () => {
    const reco = await bench.streamReco(`onEnd = () => setTimeout(() => { note("left"); process.exit(0); }, 100);`);
    const runner = await bench.runner(reco);
    await runner.run(unitOf(1), forever());
    expect(await readdir(bench.scratchDir)).toHaveLength(1);
    await runner.close();
    expect(await bench.notes()).toEqual(["left"]);
    expect(await readdir(bench.scratchDir)).toEqual([]);
  });

  test("kills a process that does not leave, and what lingers of one that does", async () => {
    const stays = await bench.streamReco(`setInterval(() => undefined, 1000); onStart = () => { note(process.pid); ready(); };`);
    const leaves = await bench.streamReco(`
      const child = spawn("sleep", ["1000"], { stdio: "ignore" });
      child.unref();
      onStart = () => { note(child.pid); ready(); };`);
    for (const reco of [stays, leaves]) {
      const runner = await bench.runner(reco, { grace: { termMs: 300, leaveMs: 300 } });
      await runner.run(unitOf(1), forever());
      await runner.close();
    }
    expect(await runningOf(await bench.notes())).toEqual([false, false]);
  });

  test("cancels what is open, and what comes later", async () => {
    const reco = await bench.streamReco(`onUnit = () => note(process.pid);`);
    const runner = await bench.runner(reco);
    const run = runner.run(unitOf(1), forever());
    const pids = await untilNotes(1);
    await runner.close();
    expect(await run).toMatchObject({ kind: "cancelled" });
    expect(await runningOf(pids)).toEqual([false]);
    expect(await runner.run(unitOf(2), forever())).toMatchObject({ kind: "cancelled" });
  });

  test("while it starts ends that too", async () => {
    const reco = await bench.streamReco(`onStart = () => note(process.pid); setInterval(() => undefined, 1000);`);
    const runner = await bench.runner(reco);
    const run = runner.run(unitOf(1), forever());
    const pids = await untilNotes(1);
    await runner.close();
    expect(await run).toMatchObject({ kind: "cancelled" });
    expect(await runningOf(pids)).toEqual([false]);
  });
});
