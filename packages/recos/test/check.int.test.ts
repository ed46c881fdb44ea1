// `recos check` and `recos run` over real child processes: the built-in dummy, the examples, and recos that break the rules.
import { repositoryPath } from "@skyscan/testing";
import { silentLogger } from "@skyscan/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { madeUpStartup } from "../src/check/check-event.ts";
import { checkReco } from "../src/check/check.ts";
import type { CheckReport } from "../src/check/check.ts";
import { readManifest } from "../src/manifest/manifest-file.ts";
import { builtinRecoDirectory } from "../src/manifest/registry.ts";
import { runOne, showingObserver } from "../src/run-one.ts";
import { createBench, forever, unitOf } from "./fixture-reco.ts";
import type { Bench } from "./fixture-reco.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

const check = (directory: string): Promise<CheckReport> =>
  checkReco(directory, {
    scratchDir: bench.scratchDir,
    environment: process.env,
    logger: silentLogger,
    timeoutSec: 10,
    grace: { termMs: 300, leaveMs: 2_000 },
  });
const failedRules = ({ lines }: CheckReport): readonly string[] =>
  lines.filter(({ status }) => status === "failed").map(({ rule, detail }) => `${rule}: ${detail}`);

describe("conforms:", () => {
  test.each([
    ["the dummy", `${builtinRecoDirectory}/dummy`],
    ["the example in Python", repositoryPath("examples/reco-python")],
    ["the example in shell", repositoryPath("examples/reco-shell")],
  ])("%s, without a warning", async (_name, directory) => {
    const report = await check(directory);
    expect(report.lines.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(report.conforms).toBe(true);
    expect(report.lines.length).toBeGreaterThan(10);
  });

  test("a reco whose units end in errors", async () => {
    const reco = await bench.streamReco(
      `onUnit = (line) => say({ type: "error", unit: line.unit, code: "bad-input", message: "no" });`,
    );
    expect(await check(reco.dir)).toMatchObject({ conforms: true });
  });

  test("a reco that gives different answers, or speaks any protocol, with a warning", async () => {
    const reco = await bench.streamReco(`let n = 0; onUnit = (line) => result(line, ++n);`);
    const report = await check(reco.dir);
    expect(report.conforms).toBe(true);
    expect(report.lines.filter(({ status }) => status === "warning").map(({ rule }) => rule)).toEqual([
      "gives the same answer to the same unit",
      "refuses a protocol that it does not speak (non-zero status, the reason on stderr)",
    ]);
  });
});

describe("does not conform, and the report says where:", () => {
  test.each([
    ["a wrong version at ready", `onStart = () => ready({ version: "2" });`, /says ready.*version "2"/],
    ["choking on unknown lines", `onOther = () => process.exit(1);`, /unknown type.*status 1/],
    ["choking on a missing seed", `onUnit = (line) => result(line, line.seed.xM);`, /without a seed.*TypeError/s],
    [
      "making up unit names",
      `onUnit = (line) => result({ unit: line.nside + "/" + line.pixel + "/0" });`,
      /echoes the unit's text/,
    ],
    ["answering twice", `onUnit = (line) => { result(line); result(line); };`, /instead of a result/],
    ["an extra last line", `onEnd = () => say("bye");`, /exactly one reply.*not a JSON object: .*bye/],
    ["a status at the end of stdin", `onEnd = () => process.exit(5);`, /end of stdin.*status 5/],
    ["staying after the end of stdin", `setInterval(() => undefined, 1000);`, /end of stdin.*still there/],
    ["NaN", `onUnit = (line) => say('{"type":"result","unit":"' + line.unit + '","llh":NaN}');`, /not a JSON object/],
  ])("%s", async (_what, script, message) => {
    const reco = await bench.streamReco(script, { startTimeoutSec: 5 });
    const report = await check(reco.dir);
    expect(report.conforms).toBe(false);
    expect(failedRules(report).join("\n")).toMatch(message);
  });

  test("a manifest with a typo, a directory without one, a missing executable", async () => {
    const typo = await bench.streamReco("", {}).then(({ dir }) => dir);
    const missing = await bench.streamReco("", { run: { command: ["./nowhere"] } });
    expect(failedRules(await check(`${typo}/..`))).toEqual([expect.stringContaining("no reco.json there")]);
    expect(failedRules(await check(missing.dir))).toEqual([expect.stringMatching(/can be started: .*nowhere does not exist/)]);
  });

  test("a oneshot reco that leaves no outfile", async () => {
    const reco = await bench.oneshotReco("echo looking >&2");
    expect(failedRules(await check(reco.dir))[0]).toMatch(/answers unit 1\/0\/0: no-output.*looking/);
  });
});

test("running one unit shows everything that was said", async () => {
  const shown: string[] = [];
  const outcome = await runOne({
    reco: readManifest(repositoryPath("examples/reco-python")),
    startup: madeUpStartup(),
    unit: unitOf(7),
    scratchDir: bench.scratchDir,
    environment: process.env,
    logger: silentLogger,
    observer: showingObserver((line) => shown.push(line)),
    signal: forever(),
  });
  expect(outcome).toMatchObject({ kind: "result" });
  const patterns = [
    /^\$ python3 .*reco\.py --pulses first$/,
    /^> \{"type":"start"/,
    /^\| 12 hits$/,
    /^< .*"ready"/,
    /^> .*"8\/7\/0"/,
  ];
  for (const pattern of [...patterns, /^< .*"result"/, /^ {2}ended with status 0$/]) {
    expect(shown).toContainEqual(expect.stringMatching(pattern));
  }
});
