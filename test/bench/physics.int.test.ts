// Runs `npm run bench:physics` over two events, with the native reco as a child process.
import { spawnSync } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { repositoryPath, skipReason, temporaryDirectory } from "@skyscan/testing";
import { describe, expect, it } from "vitest";

const built = spawnSync(process.execPath, [repositoryPath("scripts/build-native.mjs")], { encoding: "utf8" });
const missing = skipReason("compiler", built.status === 0 ? undefined : "the native reco cannot be built here");

const physics = (...args: readonly string[]) =>
  spawnSync(process.execPath, ["--import", "tsx", "--conditions=@skyscan/source", repositoryPath("bench/physics.ts"), ...args], {
    encoding: "utf8",
    cwd: repositoryPath(),
    env: { ...process.env, NODE_OPTIONS: undefined },
  });

interface Output {
  readonly machine: { readonly cores: number };
  readonly rows: readonly { readonly case: string; readonly what: string; readonly reached: number; readonly count?: number }[];
}

describe.skipIf(missing !== undefined)("bench:physics", () => {
  it("finds the truth of simulated tracks, and measures none of them twice", async () => {
    const directory = await temporaryDirectory();
    try {
      const args = ["--events", "2", "--reco", "pandel_spe", "--only", "coverage", "--resume-dir", directory.path, "--json"];
      const first = physics(...args);
      expect(first.stderr).not.toContain("(kept)");
      expect(first.status).toBe(0);
      const { machine, rows } = JSON.parse(first.stdout) as Output;
      expect(machine.cores).toBeGreaterThan(0);
      const figure = (what: string): number => rows.find((one) => one.what.startsWith(what))!.reached;
      expect(rows.every((one) => one.case === "pandel_spe, ice model")).toBe(true);
      expect(figure("median error")).toBeLessThan(1);
      expect(figure("2 dllh to truth < 4.605")).toBe(100);
      expect(await readdir(directory.path)).toEqual(
        expect.arrayContaining(["coverage-pandel_spe-model.svg", "local-pandel_spe-model-1000.json"]),
      );
      const picture = await readFile(join(directory.path, "coverage-pandel_spe-model.svg"), "utf8");
      expect(picture).toContain("pandel_spe, ice model: 2 tracks");

      const again = physics(...args);
      expect(again.stderr.match(/\(kept\)/g)).toHaveLength(2);
      expect((JSON.parse(again.stdout) as Output).rows).toEqual(rows);
    } finally {
      await directory.remove();
    }
  });

  it("scans the whole sky on demand, and comes to the same error within a pixel", async () => {
    const directory = await temporaryDirectory();
    try {
      const args = ["--events", "1", "--reco", "pandel_spe", "--only", "coverage", "--resume-dir", directory.path, "--json"];
      const errorOf = (text: string): number =>
        (JSON.parse(text) as Output).rows.find(({ what }) => what === "median error")!.reached;
      const local = physics(...args);
      const whole = physics(...args, "--whole-scans");
      expect(whole.status).toBe(0);
      expect(Math.abs(errorOf(whole.stdout) - errorOf(local.stdout))).toBeLessThan(0.12);
    } finally {
      await directory.remove();
    }
  });

  it("says what is wrong with its options", () => {
    const bad = physics("--events", "many");
    expect(bad.status).toBe(2);
    expect(bad.stderr).toContain("--events many is not allowed");
    expect(physics("--ice", "warm").stderr).toContain("--ice warm is not allowed: it takes model, off10");
  });
});
