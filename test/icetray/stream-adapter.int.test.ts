// The program that serves units inside the image (resources/recos/icetray), run for real against a stand-in for the images' Python (test/icetray-stand-in).
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkReco, readManifest } from "@skyscan/recos";
import type { CheckReport, Reco } from "@skyscan/recos";
import { silentLogger } from "@skyscan/runtime";
import { repositoryPath } from "@skyscan/testing";
import { algorithm, createAdapterBench, standInLlh, unitOf, warm } from "./adapter-bench.ts";
import type { AdapterBench } from "./adapter-bench.ts";
import type { Release } from "./image-stand-in.ts";

let on: AdapterBench;
beforeAll(async () => {
  on = await createAdapterBench();
});
afterAll(() => on.dispose());

const forever = new AbortController().signal;

describe("the stream adapter", () => {
  const check = async (reco: Reco, release: Release): Promise<CheckReport> =>
    checkReco(reco.dir, {
      scratchDir: await mkdtemp(join(on.directory, "check-")),
      environment: on.environmentOf(release),
      logger: silentLogger,
      gcd: on.places,
      startup: on.startupOf(reco, await on.prepared(reco, release)),
      units: [0, 4, 7, 11].map((pixel) => unitOf(pixel)),
      grace: { termMs: 300, leaveMs: 5_000 },
    });

  test.each([
    ["millipede_original", "3.21.0"],
    ["millipede_original", "3.22.1"],
    ["millipede_wilks", "4.2.1"],
    ["splinempe", "3.22.1"],
  ] as const)("conforms with %s of %s: noise on stdout, odd units, the end of stdin", async (name, release) => {
    const report = await check(readManifest(warm(name)), release);
    expect(report.lines.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(report.conforms).toBe(true);
  });

  test("gives what the image's code gives, and loads the tables once for all units", async () => {
    await on.withRunner(readManifest(warm("millipede_original")), "3.22.1", async (runner, log) => {
      for (const unit of [unitOf(0), unitOf(1, 3), unitOf(0)]) {
        expect(await runner.run(unit, forever)).toMatchObject({
          kind: "result",
          result: {
            llh: expect.closeTo(standInLlh(unit), 9) as number,
            eInGeV: expect.any(Number) as number,
            xM: 22.11,
            yM: 519.5,
            timeNs: 30010,
          },
        });
      }
      expect(log().match(/tables of MillipedeOriginal loaded/g)).toHaveLength(1);
    });
    await on.withRunner(readManifest(warm("splinempe")), "3.22.1", async (runner) => {
      const outcome = await runner.run(unitOf(2), forever);
      expect(outcome).toMatchObject({ kind: "result", result: { eInGeV: null, eTotGeV: null } });
    });
  });

  test("answers a unit that raises with an error, and goes on; a hung one is killed, and the next gets a fresh process", async () => {
    const reco = await on.changed("millipede_original", algorithm("crash_dummy"));
    await on.withRunner(
      reco,
      "3.22.1",
      async (runner, log) => {
        expect(await runner.run(unitOf(0), forever)).toMatchObject({ kind: "result" });
        expect(await runner.run(unitOf(1), forever)).toMatchObject({
          kind: "failure",
          code: "internal",
          retry: true,
          message: "KeyError('MillipedeStarting2ndPass')",
          stderrTail: expect.stringContaining("Traceback") as string,
        });
        expect(await runner.run(unitOf(3), forever)).toMatchObject({ kind: "result" });
        expect(log().match(/tables of CrashDummy loaded/g)).toHaveLength(1);
        expect(await runner.run(unitOf(2), forever)).toMatchObject({ kind: "failure", code: "timed-out" });
        expect(await runner.run(unitOf(6), forever)).toMatchObject({ kind: "result" });
        expect(log().match(/tables of CrashDummy loaded/g)).toHaveLength(2);
      },
      { timeoutSec: 5 },
    );
  });

  test("refuses a unit without a vertex for good", async () => {
    await on.withRunner(readManifest(warm("millipede_original")), "3.22.1", async (runner) => {
      const unit = unitOf(0);
      const outcome = await runner.run({ ...unit, payload: { ...unit.payload, seed: null } }, forever);
      expect(outcome).toMatchObject({ kind: "failure", code: "bad-input", retry: false });
    });
  });

  test("starts anew after so many units, or when it has grown so much, and no unit notices", async () => {
    for (const flags of [
      ["--renew-after-units", "2"],
      ["--renew-after-growth-mb", "-1"],
    ]) {
      const reco = await on.changed("millipede_original", (command) => [...command, ...flags]);
      await on.withRunner(reco, "3.22.1", async (runner, log) => {
        for (const pixel of [0, 1, 2, 3, 4]) {
          const unit = unitOf(pixel);
          const outcome = await runner.run(unit, forever);
          expect(outcome).toMatchObject({ kind: "result", result: { llh: expect.closeTo(standInLlh(unit), 9) as number } });
        }
        expect(log().match(/starting anew after/g)!.length).toBeGreaterThanOrEqual(2);
      });
    }
  });

  test.each([
    ["another release", {}, "4.2.1", /prepared with skymapScanner 3\.22\.1, here it is 4\.2\.1: use the same image/],
    ["a release that answers in pickles", {}, "3.4.0", /skymap_scanner 3\.4\.0 answers in pickles/],
    ["no packet", { GCDQp_packet: null }, "3.22.1", /carries no GCDQp_packet/],
  ] as const)("does not start with %s, and says so", async (_what, startup, release, message) => {
    const reco = readManifest(warm("millipede_original"));
    await on.withRunner(
      reco,
      "3.22.1",
      async (runner) => {
        await expect(runner.run(unitOf(0), forever)).rejects.toMatchObject({
          code: "start-failed",
          message: expect.stringMatching(message) as string,
        });
      },
      { startup, environment: on.environmentOf(release) },
    );
  });

  test("does not start without its tables, and says which and where it looked", async () => {
    const environment = { ...on.environmentOf("3.22.1"), I3_DATA: "/nowhere" };
    await on.withRunner(
      readManifest(warm("splinempe")),
      "3.22.1",
      async (runner) => {
        await expect(runner.run(unitOf(0), forever)).rejects.toMatchObject({
          code: "start-failed",
          message: expect.stringMatching(/InfBareMu_mie_prob_z20a10_V2\.fits.*\/nowhere/s) as string,
        });
      },
      { environment },
    );
  });

  test("does not start with code of a shape that it does not know, and says what it found", async () => {
    const odd = join(on.directory, "odd-image");
    await cp(repositoryPath("test/icetray-stand-in"), odd, { recursive: true });
    const file = join(odd, "python/skymap_scanner/client/reco_icetray.py");
    const source = await readFile(file, "utf8");
    await writeFile(
      file,
      source.replace("outfile, realtime_format_version):\n        return", "outfile, more, still_more):\n        return"),
    );
    const reco = readManifest(warm("millipede_original"));
    const environment = { ...on.environmentOf("3.22.1"), SKYSCAN_ICETRAY_SHELL: join(odd, "releases/v3.22.1/env-shell.sh") };
    await on.withRunner(
      reco,
      "3.22.1",
      async (runner) => {
        await expect(runner.run(unitOf(0), forever)).rejects.toMatchObject({
          message: expect.stringMatching(
            /reco_pixel takes \(reco_algo, pframe, GCDQp_packet, baseline_GCD_file, outfile, more/,
          ) as string,
        });
      },
      { environment },
    );
  });
});
