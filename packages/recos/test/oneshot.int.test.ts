// Mode oneshot over real child processes.
import { readFile, readdir } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBench, forever, isRunning, unitOf } from "./fixture-reco.ts";
import type { Bench } from "./fixture-reco.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

const answer = `echo '{"type":"result","unit":"8/1/0","llh":1.5}'`;

describe("a oneshot reco", () => {
  test("finds the unit in its infile, no outfile, and what it writes there is the answer", async () => {
    const reco = await bench.oneshotReco(`
      cat "$1" >> "$NOTES"; wc -l < "$1" >> "$NOTES"; test -e "$2" && echo there >> "$NOTES"
      test "$1 $2" = "$EWMS_TASK_INFILE $EWMS_TASK_OUTFILE" && echo same >> "$NOTES"
      echo "a log line on stdout"; cat >> "$NOTES"
      ${answer} > "$2.tmp"; mv "$2.tmp" "$2"`);
    const runner = await bench.runner(reco);
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ kind: "result", result: { llh: 1.5, xM: null } });
    const [unit, ...rest] = await bench.notes();
    expect(JSON.parse(unit!)).toMatchObject({ type: "unit", unit: "8/1/0", nside: 8, timeLimitSec: 20 });
    expect(rest.map((line) => line.trim())).toEqual(["1", "same"]);
  });

  test("has only stdin, stdout and stderr open, stdin is empty, and the startup file is there", async () => {
    const reco = await bench.oneshotReco(
      `{ ls /proc/self/fd | tr '\\n' ' '; cat; grep -c broker "$SKYSCAN_STARTUP"; echo "$EWMS_TASK_DATA_HUB_DIR"; } >> "$NOTES"; ${answer} > "$2"`,
    );
    const runner = await bench.runner(reco, { dataHubDirectory: "/hub" });
    await runner.run(unitOf(1), forever());
    // 3 is the directory that ls itself reads.
    expect(await bench.notes()).toEqual(["0 1 2 3 0", "/hub"]);
  });

  test("may report an error, or an honest failed fit", async () => {
    const reco = await bench.oneshotReco(`
      if grep -q '"attempt":1' "$1"; then echo '{"type":"error","unit":"8/1/0","code":"bad-input","message":"m","retry":false}' > "$2"
      else echo '{"type":"result","unit":"8/1/0","llh":null}' > "$2"; fi`);
    const runner = await bench.runner(reco);
    expect(await runner.run(unitOf(1), forever())).toMatchObject({
      kind: "failure",
      code: "bad-input",
      message: "m",
      retry: false,
    });
    expect(await runner.run(unitOf(1, 2), forever())).toMatchObject({ kind: "result", result: { llh: null } });
  });

  test.each([
    ["no outfile", `echo "why not" >&2`, "no-output", /no outfile/],
    ["no JSON", `echo hello > "$2"`, "protocol", /not a JSON object/],
    ["NaN", `echo '{"type":"result","unit":"8/1/0","llh":NaN}' > "$2"`, "protocol", /not a JSON object/],
    ["an empty outfile", `: > "$2"`, "protocol", /not a JSON object/],
    ["another unit's answer", `echo '{"type":"result","unit":"8/2/0","llh":1}' > "$2"`, "protocol", /8\/2\/0/],
    ["no type", `echo '{"unit":"8/1/0","llh":1}' > "$2"`, "protocol", /"type"/],
    ["progress", `echo '{"type":"progress","unit":"8/1/0"}' > "$2"`, "protocol", /progress/],
    ["a directory", `mkdir "$2"`, "protocol", /not a file/],
    ["a status, whatever the outfile says", `${answer} > "$2"; exit 9`, "crashed", /status 9/],
    ["a signal", `${answer} > "$2"; kill -ABRT $$`, "crashed", /SIGABRT/],
  ])("that leaves %s has failed", async (_what, script, code, message) => {
    const runner = await bench.runner(await bench.oneshotReco(script));
    expect(await runner.run(unitOf(1), forever())).toMatchObject({
      kind: "failure",
      code,
      message: expect.stringMatching(message),
      retry: true,
    });
  });

  test("fails with the end of stderr, or of stdout when there is none", async () => {
    const reco = await bench.oneshotReco(`echo out; if grep -q '"attempt":1' "$1"; then echo err >&2; fi; exit 1`);
    const runner = await bench.runner(reco);
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ stderrTail: "err\n" });
    expect(await runner.run(unitOf(1, 2), forever())).toMatchObject({ stderrTail: "out\n" });
  });

  test("that hangs is ended with its children after the limit", async () => {
    const reco = await bench.oneshotReco(`trap '' TERM; sleep 1000 & echo $$ >> "$NOTES"; echo $! >> "$NOTES"; wait; sleep 1000`);
    const runner = await bench.runner(reco, { timeoutSec: 0.5 });
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ kind: "failure", code: "timed-out" });
    const pids = await bench.notes();
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(await isRunning(Number(pid))).toBe(false);
  });

  test("leaves no children, infile, outfile or scratch behind", async () => {
    const reco = await bench.oneshotReco(`echo x > left-over; sleep 1000 & echo $! >> "$NOTES"; ${answer} > "$2"`);
    const runner = await bench.runner(reco);
    expect(await runner.run(unitOf(1), forever())).toMatchObject({ kind: "result" });
    for (const slot of await readdir(bench.scratchDir)) expect(await readdir(`${bench.scratchDir}/${slot}`)).toEqual([]);
    expect(await isRunning(Number((await bench.notes())[0]))).toBe(false);
    await runner.close();
    expect(await readdir(bench.scratchDir)).toEqual([]);
  });

  test("keeps infile, outfile, stdout and stderr with a debug directory", async () => {
    const reco = await bench.oneshotReco(`echo out; echo err >&2; ${answer} > "$2"`);
    const debugDirectory = `${bench.directory}/debug`;
    const runner = await bench.runner(reco, { debugDirectory });
    await runner.run(unitOf(1), forever());
    const [unit] = await readdir(debugDirectory);
    expect((await readdir(`${debugDirectory}/${unit}`)).sort()).toEqual(["infile.json", "outfile.json", "stderr", "stdout"]);
    await expect.poll(() => readFile(`${debugDirectory}/${unit}/stdout`, "utf8")).toBe("out\n");
  });

  test("is ended when its unit is no longer wanted, or the runner is closed: cancelled, no failure", async () => {
    const reco = await bench.oneshotReco(`echo $$ >> "$NOTES"; exec sleep 1000`);
    const runner = await bench.runner(reco);
    const stop = new AbortController();
    const first = runner.run(unitOf(1), stop.signal);
    await expect.poll(async () => (await bench.notes()).length, { interval: 10 }).toBe(1);
    stop.abort();
    expect(await first).toMatchObject({ kind: "cancelled" });
    const second = runner.run(unitOf(2), forever());
    await expect.poll(async () => (await bench.notes()).length, { interval: 10 }).toBe(2);
    await runner.close();
    expect(await second).toMatchObject({ kind: "cancelled" });
    for (const pid of await bench.notes()) expect(await isRunning(Number(pid))).toBe(false);
    expect(await runner.run(unitOf(3), forever())).toMatchObject({ kind: "cancelled" });
  });

  test("whose executable is missing is start-failed; an image is image-failed", async () => {
    const runs = [
      [{ command: ["./nowhere"] }, "start-failed"],
      [{ image: { singularity: "/no/such/image.sif" } }, "image-failed"],
    ] as const;
    for (const [run, code] of runs) {
      const runner = await bench.runner(await bench.oneshotReco("", { run }));
      await expect(runner.run(unitOf(1), forever())).rejects.toMatchObject({ code });
    }
  });
});
