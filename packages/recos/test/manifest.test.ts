import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RecoError } from "../src/manifest/errors.ts";
import { readManifest } from "../src/manifest/manifest-file.ts";
import { parseManifest } from "../src/manifest/manifest.ts";

const required = {
  protocol: 1,
  name: "pandel",
  version: "1.0.0",
  description: "One sentence.",
  run: { mode: "stream", command: ["./pandel", "--quiet"] },
};
const problemsOf = (change: Record<string, unknown>): readonly string[] =>
  parseManifest({ ...required, ...change }).problems ?? [];
const run = (change: Record<string, unknown>): Record<string, unknown> => ({ run: { ...required.run, ...change } });
const oneshot = (change: Record<string, unknown>): Record<string, unknown> => ({
  run: { mode: "oneshot", command: ["./x"], ...change },
});

describe("a manifest", () => {
  test("with only the required keys has the defaults of the protocol", () => {
    expect(parseManifest(required).manifest).toEqual({
      ...required,
      aliases: [],
      run: {
        ...required.run,
        env: {},
        passEnv: [],
        format: "json",
        inFlight: 1,
        threads: 1,
        image: null,
        binds: [],
        shmSize: null,
        network: false,
      },
      needs: [],
      prepare: null,
      seeding: {
        vertexVariations: { kind: "point" },
        rotateVertex: false,
        refineTime: false,
        addFallbackPosition: false,
        pointing: null,
      },
      options: {},
      calibratedLevels: null,
      startTimeoutSec: 120,
      timeoutSec: 1800,
    });
  });

  test("takes every key of the protocol", () => {
    const full = {
      ...required,
      aliases: ["pandel-mpe", "mpe"],
      run: {
        mode: "oneshot",
        command: ["python3", "{{RECO_DIR}}/x.py", "{{INFILE}}", "{{OUTFILE}}", "{{STARTUP}}", "{{SCRATCH}}", "{{DATA_HUB}}"],
        env: { OMP_NUM_THREADS: "1", WHERE: "{{SCRATCH}}/tmp" },
        passEnv: ["SPLINES"],
        format: "icetray",
        threads: 2,
        image: { docker: "a/b:c", singularity: "/cvmfs/x" },
        binds: ["/cvmfs", "{{ENV:SPLINES}}"],
        shmSize: "6gb",
        network: true,
      },
      needs: ["hits", "gcdqp"],
      prepare: { command: ["./prepare", "{{INFILE}}", "{{OUTFILE}}"] },
      seeding: {
        vertexVariations: { kind: "cylinder", radiusM: 20, heightM: 10, n: 3 },
        rotateVertex: true,
        refineTime: true,
        addFallbackPosition: true,
        pointing: { particle: "OnlineL2_SplineMPE", radiusDeg: 3.5 },
      },
      options: { hits: { values: ["srt", "hlc"], default: "srt", flag: "--hits" } },
      calibratedLevels: { "50": 22.2, "90": 64.2 },
      startTimeoutSec: 1.5,
      timeoutSec: 3,
    };
    const { manifest, problems } = parseManifest(full);
    expect(problems).toBeUndefined();
    expect(manifest).toMatchObject({ ...full, prepare: { ...full.prepare, mode: "oneshot", format: "json", timeoutSec: 600 } });
  });

  test.each([
    [{ kind: "octahedron", radiusM: 20 }],
    [
      {
        kind: "list",
        offsetsM: [
          [0, 0, 0],
          [0, 0, 10],
        ],
      },
    ],
    [{ kind: "point" }],
  ])("takes vertex variations %j", (vertexVariations) => {
    expect(parseManifest({ ...required, seeding: { vertexVariations } }).manifest?.seeding.vertexVariations).toEqual(
      vertexVariations,
    );
  });

  test("lets its author have keys that begin with x-, anywhere", () => {
    const value = { ...required, "x-mine": 1, run: { ...required.run, "x-too": {} }, seeding: { "x-a": 1 } };
    expect(parseManifest(value).problems).toBeUndefined();
  });

  test("names an unknown key, what is allowed, and the key that was meant", () => {
    expect(problemsOf({ timeoutSecs: 5 })[0]).toMatch(
      /"timeoutSecs" \(did you mean "timeoutSec"\?\); allowed: .*startTimeoutSec/,
    );
    expect(problemsOf(run({ inflight: 5 }))[0]).toMatch(/key "run": unknown key "inflight" \(did you mean "inFlight"\?\)/);
    expect(problemsOf({ seeding: { vertexVariations: { kind: "octahedron", radiusM: 1, heightM: 1 } } })[0]).toMatch(/heightM/);
  });

  test.each<[Record<string, unknown>, RegExp]>([
    [{ protocol: 2 }, /key "protocol": must be 1/],
    [{ name: "Pandel" }, /key "name": must be lower case/],
    [{ version: 1 }, /key "version": .*string/],
    [{ description: undefined }, /key "description"/],
    [run({ mode: "batch" }), /key "run.mode": .*"stream"\|"oneshot"/],
    [run({ command: [] }), /key "run.command"/],
    [run({ command: "./pandel" }), /key "run.command": .*array/],
    [run({ command: ["bin/pandel"] }), /write "\.\/bin\/pandel"/],
    [run({ command: ["./x", "{{INFILE}}"] }), /\{\{INFILE\}\} has no meaning here; allowed: .*\{\{STARTUP\}\}/],
    [run({ command: ["./x", "{{SCRACH}}"] }), /\{\{SCRACH\}\} has no meaning here/],
    [run({ env: { A: "{{NOPE}}" } }), /key "run.env": \{\{NOPE\}\}/],
    [run({ binds: ["{{ENV:SPLINES}}"] }), /SPLINES must be listed in "passEnv"/],
    [run({ passEnv: ["SKYSCAN_BROKER_AUTH"] }), /never gets the broker's address or token/],
    [run({ format: "icetray" }), /key "run.format": icetray is for mode "oneshot" only/],
    [oneshot({ inFlight: 2 }), /key "run.inFlight": more than 1 is for mode "stream" only/],
    [run({ inFlight: 0 }), /key "run.inFlight"/],
    [run({ shmSize: "lots" }), /key "run.shmSize": must be a size/],
    [{ needs: ["frames"] }, /key "needs.0": .*"hits"\|"gcdqp"/],
    [{ prepare: { command: ["./x", "{{STARTUP}}"] } }, /key "prepare.command": \{\{STARTUP\}\} has no meaning/],
    [{ prepare: { mode: "stream", command: ["./x"] } }, /key "prepare.mode"/],
    [{ seeding: { vertexVariations: { kind: "ball" } } }, /one of point, octahedron, cylinder, list/],
    [{ seeding: { vertexVariations: { kind: "cylinder", radiusM: 1, heightM: 1 } } }, /key "seeding.vertexVariations.n"/],
    [
      { options: { hits: { values: ["a"], default: "b", flag: "--hits" } } },
      /key "options.hits.default": must be one of "values"/,
    ],
    [{ calibratedLevels: { "150": 3 } }, /calibratedLevels/],
    [{ timeoutSec: 0 }, /key "timeoutSec"/],
  ])("is refused for %j", (change, message) => {
    expect(problemsOf(change).join("\n")).toMatch(message);
  });

  test("tells all its problems at once", () => {
    expect(problemsOf({ name: "X", version: 1, timeoutSec: -1 })).toHaveLength(3);
  });
});

describe("reading a reco's directory", () => {
  let directory = "";
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "skyscan-manifest-"));
  });
  afterAll(() => rm(directory, { recursive: true }));
  const write = (text: string): Promise<void> => writeFile(join(directory, "reco.json"), text);

  test("gives the hash of the file's bytes, not of their meaning", async () => {
    const text = `${JSON.stringify(required, undefined, 3)}\n`;
    await write(text);
    expect(readManifest(directory).manifestSha256).toBe(createHash("sha256").update(text).digest("hex"));
  });

  test("fails with bad-manifest, naming file and key", async () => {
    await write(JSON.stringify({ ...required, timeoutSec: "long" }));
    expect(() => readManifest(directory)).toThrow(expect.objectContaining({ code: "bad-manifest" }));
    expect(() => readManifest(directory)).toThrow(`${join(directory, "reco.json")}: key "timeoutSec"`);
    await write("{ not json");
    expect(() => readManifest(directory)).toThrow(/reco\.json: is not JSON/);
    expect(() => readManifest(join(directory, "nowhere"))).toThrow(RecoError);
  });
});
