import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadRegistry, recoPathEntries } from "../src/manifest/registry.ts";
import type { Registry } from "../src/manifest/registry.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "skyscan-registry-"));
});
afterEach(() => rm(root, { recursive: true }));

async function reco(dir: string, name: string, change: Record<string, unknown> = {}): Promise<string> {
  const path = join(root, dir);
  await mkdir(path, { recursive: true });
  const run = { mode: "stream", command: ["./x"] };
  await writeFile(join(path, "reco.json"), JSON.stringify({ protocol: 1, name, version: "1", description: dir, run, ...change }));
  return path;
}

const load = (...entries: readonly string[]): Registry =>
  loadRegistry({
    recoPath: entries.map((entry) => join(root, entry)),
    builtinDirectory: join(root, "builtin"),
    resourcesDirectory: join(root, "resources"),
  });

test("an entry is a reco directory or a directory of reco directories", async () => {
  await reco("one", "alone");
  await reco("many/a", "first");
  await reco("many/b", "second");
  await mkdir(join(root, "many/not-a-reco"));
  expect(load("one", "many").recos.map(({ manifest }) => manifest.name)).toEqual(["alone", "first", "second"]);
});

test("the first entry wins, then the built-in ones, then resources; what is shadowed is reported", async () => {
  await reco("p1/a", "pandel");
  await reco("p2/a", "pandel");
  await reco("builtin/pandel", "pandel");
  await reco("builtin/dummy", "dummy");
  await reco("resources/dummy", "dummy");
  const registry = load("p1", "p2");
  expect(registry.find("pandel").manifest.description).toBe("p1/a");
  expect(registry.find("pandel").origin).toBe("path");
  expect(registry.find("dummy").origin).toBe("builtin");
  expect(
    registry.shadowed.map(({ name, reco: { manifest }, by }) => [name, manifest.description, by.manifest.description]),
  ).toEqual([
    ["pandel", "p2/a", "p1/a"],
    ["pandel", "builtin/pandel", "p1/a"],
    ["dummy", "resources/dummy", "builtin/dummy"],
  ]);
});

test("within an entry a name beats an alias; an alias of an earlier entry beats a name of a later one", async () => {
  await reco("p1/a", "quick", { aliases: ["pandel"] });
  await reco("p1/b", "pandel");
  await reco("p2/a", "quick2", { aliases: ["millipede"] });
  await reco("p3/a", "millipede");
  const registry = load("p1", "p2", "p3");
  expect(registry.find("pandel").manifest.description).toBe("p1/b");
  expect(registry.find("millipede").manifest.name).toBe("quick2");
});

test("a bad manifest is reported and leaves the others usable, but what it hides is not used in its place", async () => {
  await reco("p1/pandel", "pandel", { timeoutsec: 3 });
  await reco("p1/other", "other");
  await reco("builtin/pandel", "pandel");
  const registry = load("p1");
  expect(registry.find("other").manifest.name).toBe("other");
  expect(registry.problems).toEqual([expect.stringContaining(`${join(root, "p1/pandel/reco.json")}: unknown key "timeoutsec"`)]);
  expect(() => registry.find("pandel")).toThrow(expect.objectContaining({ code: "bad-manifest" }));
});

test("an unknown name lists what there is, with the nearest name", async () => {
  await reco("builtin/pandel", "pandel", { aliases: ["mpe"] });
  await reco("builtin/dummy", "dummy");
  expect(() => load().find("pandle")).toThrow(expect.objectContaining({ code: "unknown-reco" }));
  expect(() => load().find("pandle")).toThrow(/no reco "pandle", did you mean "pandel"\? There is: dummy, pandel \(also mpe\)/);
});

test("an entry that is not there is a problem, a missing built-in or resources directory is none", () => {
  expect(load("nowhere").problems).toEqual([expect.stringContaining(join(root, "nowhere"))]);
  expect(load().problems).toEqual([]);
});

test("flags come in front of the environment's colon-separated list", () => {
  expect(recoPathEntries(["/a", "/b:/c"], "/d::/e")).toEqual(["/a", "/b", "/c", "/d", "/e"]);
  expect(recoPathEntries([], undefined)).toEqual([]);
});

test("the built-in recos are found and valid", () => {
  const registry = loadRegistry({ recoPath: [] });
  expect(registry.problems).toEqual([]);
  for (const name of ["dummy", "crash_dummy"]) expect(registry.find(name).origin).toBe("builtin");
});
