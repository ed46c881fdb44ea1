// Starts a thread of the built package, as programs that use it do: sources cannot be loaded by one.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryPath } from "@skyscan/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSkymap, writeResultExtras, type ResultFacts } from "../src/index.ts";
import type * as Built from "../src/extras-in-worker.ts";
import { level } from "./sample.ts";
import { syntheticScan } from "./synthetic-scan.ts";

const facts: ResultFacts = {
  eventName: "run00136662.evt000035405932.neutrino",
  scanId: "scan-1",
  reco: { name: "pandel_spe", version: "1.0", options: {} },
  calibratedLevels: null,
  creatorVersion: "0.1.0",
  preliminary: true,
};
const scan = syntheticScan({ truth: { raRad: 1, decRad: -0.3 }, sigmaRad: 0.05, nsides: [8, 32] });

describe("extra files written by a thread", () => {
  let directory: string;
  let built: typeof Built;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "extras-worker-"));
    built = (await import(repositoryPath("packages/skymap/dist/extras-in-worker.js"))) as typeof Built;
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("are those that this thread would write, while the event loop of this thread goes on", async () => {
    const [there, here] = await Promise.all([mkdtemp(join(directory, "a-")), mkdtemp(join(directory, "b-"))]);
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    await built.writeExtrasInWorker(there, scan, facts);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(10);
    await writeResultExtras(here, scan, facts);
    const names = await readdir(there);
    expect(names).toHaveLength(13);
    for (const name of names) expect(await readFile(join(there, name)), name).toEqual(await readFile(join(here, name)));
  });

  it("its errors arrive as they are", async () => {
    const nowhere = join(directory, "nowhere");
    await expect(built.writeExtrasInWorker(nowhere, scan, facts)).rejects.toMatchObject({
      name: "SkymapError",
      code: "write",
      cause: { code: "ENOENT" },
    });
    await expect(built.writeExtrasInWorker(directory, createSkymap([level(2, [0], [NaN])]), facts)).rejects.toMatchObject({
      code: "empty",
    });
  });
});
