import { describe, expect, test } from "vitest";
import { childEnvironment } from "../src/process/child-environment.ts";
import { recoCommand } from "../src/process/command.ts";
import { parseManifest } from "../src/manifest/manifest.ts";
import type { Manifest } from "../src/manifest/manifest.ts";
import { completeRecoOptions, parseRecoOptions } from "../src/manifest/options.ts";

const manifestOf = (run: Record<string, unknown>, options: Record<string, unknown> = {}): Manifest => {
  const value = { protocol: 1, name: "x", version: "1", description: "x", run: { mode: "oneshot", ...run }, options };
  const { manifest, problems } = parseManifest(value);
  if (manifest === undefined) throw new Error(problems.join("\n"));
  return manifest;
};
const values = {
  startup: "/s/startup.json",
  infile: "/f/in",
  outfile: "/f/out",
  recoDir: "/r",
  scratch: "/tmp/slot",
  dataHub: "/hub",
};
const options = {
  hits: { values: ["srt", "hlc"], default: "srt", flag: "--hits" },
  steps: { values: ["1", "2"], default: "1", flag: "-n" },
};

describe("the command", () => {
  test("has its placeholders filled in, then the flag and value of every option, and never goes through a shell", () => {
    const command = [
      "./x",
      "{{STARTUP}}",
      "a {{INFILE}} b",
      "{{OUTFILE}}",
      "{{RECO_DIR}}/y",
      "{{SCRATCH}}",
      "{{DATA_HUB}}",
      "$(rm)",
    ];
    expect(recoCommand(manifestOf({ command }, options), { hits: "hlc" }, values, {})).toEqual([
      "./x",
      "/s/startup.json",
      "a /f/in b",
      "/f/out",
      "/r/y",
      "/tmp/slot",
      "/hub",
      "$(rm)",
      "--hits",
      "hlc",
      "-n",
      "1",
    ]);
  });

  test("takes {{ENV:NAME}} from the client's environment", () => {
    const manifest = manifestOf({ command: ["x", "{{ENV:A}}", "{{ENV:B}}"], passEnv: ["A", "B"] });
    expect(recoCommand(manifest, {}, values, { A: "/a" })).toEqual(["x", "/a", ""]);
  });
});

describe("the environment of a reco", () => {
  const client = {
    PATH: "/bin",
    HOME: "/home/me",
    LANG: "de_DE.UTF-8",
    TMPDIR: "/fast",
    LC_ALL: "de_DE",
    SPLINES: "/splines",
    SKYSCAN_BROKER_AUTH: "secret",
    SKYSCAN_BROKER_ADDRESS: "host",
    OTHER: "x",
  };

  test("is exactly the list of the protocol", () => {
    const run = manifestOf({ command: ["x"], passEnv: ["SPLINES", "UNSET"], env: { MINE: "{{SCRATCH}}/m" } }).run;
    expect(childEnvironment(run, values, 7, client)).toEqual({
      PATH: "/bin",
      HOME: "/home/me",
      LANG: "de_DE.UTF-8",
      TMPDIR: "/fast",
      LC_ALL: "C.UTF-8",
      SPLINES: "/splines",
      MINE: "/tmp/slot/m",
      SKYSCAN_STARTUP: "/s/startup.json",
      SKYSCAN_SLOT: "7",
      SKYSCAN_SCRATCH: "/tmp/slot",
      EWMS_TASK_INFILE: "/f/in",
      EWMS_TASK_OUTFILE: "/f/out",
      EWMS_TASK_DATA_HUB_DIR: "/hub",
    });
  });

  test("has no task files in stream mode, and the manifest's env wins", () => {
    const run = manifestOf({ mode: "stream", command: ["x"], passEnv: ["SPLINES"], env: { SPLINES: "/own", LC_ALL: "C" } }).run;
    const { startup, recoDir, scratch, dataHub } = values;
    const child = childEnvironment(run, { startup, recoDir, scratch, dataHub }, 0, client);
    expect(child).toMatchObject({ SPLINES: "/own", LC_ALL: "C" });
    expect(Object.keys(child).filter((name) => name.startsWith("EWMS_"))).toEqual([]);
  });
});

describe("reco options", () => {
  const manifest = manifestOf({ command: ["x"] }, options);

  test("are complete: what was given, the default for the others", () => {
    expect(parseRecoOptions(manifest, ["hits=hlc"])).toEqual({ hits: "hlc", steps: "1" });
    expect(completeRecoOptions(manifest, { steps: "2" })).toEqual({ hits: "srt", steps: "2" });
  });

  test("that the manifest does not offer are all refused, saying what is allowed", () => {
    const refuse = (): unknown => parseRecoOptions(manifest, ["hit=hlc", "hits=all", "steps"]);
    expect(refuse).toThrow(expect.objectContaining({ code: "bad-option" }));
    expect(refuse).toThrow(/hit=hlc: x has no such option \(did you mean hits\?\); it has hits, steps/);
    expect(refuse).toThrow(/hits=all is not allowed: it takes srt, hlc/);
    expect(refuse).toThrow(/steps: it takes NAME=VALUE/);
  });
});
