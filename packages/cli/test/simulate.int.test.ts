// Starts `skyscan simulate` and reads its files back with `skyscan event show`.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { repositoryPath, runSkyscan, temporaryDirectory } from "@skyscan/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => void (directory = await temporaryDirectory()));
afterEach(() => directory.remove());

const simulate = (name: string, ...args: readonly string[]) =>
  runSkyscan(["simulate", "--output-dir", join(directory.path, name), ...args]);

interface Shown {
  readonly name: string;
  readonly metadata: { readonly isRealEvent: boolean; readonly mjd: number };
  readonly simulatedGeometry: string;
  readonly recorded: { readonly SimulatedTruth: Readonly<Record<string, number>> };
}

describe("skyscan simulate", () => {
  it("writes events and the truth of each beside it, as event show reads them back", async () => {
    const end = await simulate("events", "--events", "2", "--kind", "cascade", "--seed", "7", "--geometry", "hexagon");
    expect(end.status).toBe(0);
    const names = ["simulated-cascade-7", "simulated-cascade-8"];
    expect((await readdir(join(directory.path, "events"))).sort()).toEqual(
      names.flatMap((name) => [`${name}.json`, `${name}.truth.json`]),
    );
    expect(end.stdout.trim().split("\n")).toHaveLength(2);
    for (const [i, name] of names.entries()) {
      const path = join(directory.path, "events", name);
      const truth = JSON.parse(await readFile(`${path}.truth.json`, "utf8"));
      expect(truth).toMatchObject({ kind: "cascade", ice: "model", seed: 7 + i, geometry: "hexagon" });
      const shown = JSON.parse((await runSkyscan(["event", "show", "--json", `${path}.json`])).stdout) as Shown;
      expect(shown.name).toBe(truth.event);
      expect(shown.metadata.isRealEvent).toBe(false);
      expect(shown.metadata.mjd).toBeCloseTo(truth.mjd as number, 9);
      expect(shown.simulatedGeometry).toMatch(/^hexagon/);
      const read = shown.recorded.SimulatedTruth;
      for (const key of ["raDeg", "decDeg", "zenithDeg", "azimuthDeg"]) expect(read[key]).toBeCloseTo(truth[key] as number, 9);
      for (const key of ["xM", "yM", "zM"]) expect(read[key]).toBe(truth.vertex[key]);
      expect(read["timeNs"]).toBe(truth.timeNs);
      expect(truth.raRad).toBeCloseTo((truth.raDeg * Math.PI) / 180, 12);
    }
  });

  it("writes the same bytes for the same seed, and others for other ice", async () => {
    await simulate("a", "--seed", "5");
    await simulate("b", "--seed", "4", "--events", "2");
    await simulate("c", "--seed", "5", "--ice", "off10");
    const bytes = (name: string, file: string): Promise<string> => readFile(join(directory.path, name, file), "utf8");
    for (const file of ["simulated-track-5.json", "simulated-track-5.truth.json"])
      expect(await bytes("a", file)).toBe(await bytes("b", file));
    const off = await bytes("c", "simulated-track-off10-5.json");
    expect(off).not.toBe(await bytes("a", "simulated-track-5.json"));
    expect(JSON.parse(await bytes("c", "simulated-track-off10-5.truth.json"))).toMatchObject({ ice: "off10", kind: "track" });
  });

  it.each([
    [
      ["--events", "0", "--seed", "1.5"],
      ["--events 0 is not allowed", "--seed 1.5 is not allowed"],
    ],
    [["--geometry", "nowhere.csv"], ["cannot read the geometry table nowhere.csv"]],
    [["--brightness", "0.01"], ["lit 60 modules of geometry icecube86"]],
    [
      ["--kind", "muon"],
      ["kind", "track", "cascade"],
    ],
  ])("%j: refused with status 2, in words", async (args, said) => {
    const end = await simulate("bad", ...args);
    expect(end.status).toBe(2);
    for (const text of said) expect(end.stderr).toContain(text);
    expect(end.stderr).not.toContain("this is a bug");
  });

  it("says how an output directory cannot be made", async () => {
    const end = await runSkyscan(["simulate", "--output-dir", repositoryPath("package.json")]);
    expect(end.status).toBe(2);
    expect(end.stderr).toMatch(/--output-dir .*package\.json cannot be made/);
  });
});
