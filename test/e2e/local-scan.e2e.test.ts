// The launch script with a real server and real clients; what it does around them is tested in scripts.int.test.ts.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readJson, repositoryPath, temporaryDirectory } from "@skyscan/testing";
import { simulatedIn, simulatedName } from "./events.ts";

describe("local-scan.sh", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    directory = await temporaryDirectory();
  });
  afterAll(() => directory.remove());

  test("scans with a server and two clients, and leaves result, maps, pictures, manifest and logs", async () => {
    const at = (...names: readonly string[]): string => join(directory.path, ...names);
    const env = {
      PATH: process.env["PATH"],
      SKYSCAN_CACHE_DIR: at("cache"),
      SKYSCAN_OUTPUT_DIR: at("results"),
      SKYSCAN_DEBUG_DIR: at("debug"),
      _RECO_ALGO: "dummy",
      _EVENTS_FILE: simulatedIn(directory.path),
      _NSIDES: "1:0",
    };
    const status = await new Promise<number | null>((resolve) => {
      const script = execFile(repositoryPath("resources/launch_scripts/local-scan.sh"), ["2", at("logs")], { env }, () =>
        resolve(script.exitCode),
      );
    });
    const serverLog = await readFile(at("logs", "server.log"), "utf8");
    expect(status, serverLog).toBe(0);
    expect(await readJson(at("results", `${simulatedName}.scan-manifest.json`))).toMatchObject({ state: "finished" });
    for (const kind of ["npz", "multiorder.fits.gz", "fullsky.png"])
      expect((await readFile(at("results", `${simulatedName}_1.${kind}`))).length, kind).toBeGreaterThan(0);
    expect(serverLog).toContain("clients may start");
    // The script's own variables are unknown to server and clients, which would warn of them.
    expect(serverLog).not.toContain("SKYSCAN_CACHE_DIR");
    // Twelve pixels may be done before the second client is up, which is told so and is content too.
    for (const client of ["client-1.log", "client-2.log"])
      expect(await readFile(at("logs", client), "utf8")).toMatch(/the scan ha[sd] ended/);
  });
});
