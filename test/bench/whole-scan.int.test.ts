// `npm run bench:startup` and `bench:scan` in the small, with a native reco as a child process: that they measure, not what.
import { spawnSync } from "node:child_process";
import { repositoryPath, skipReason, temporaryDirectory } from "@skyscan/testing";
import { describe, expect, it } from "vitest";
import { simulatedEvent } from "../../bench/simulated-event.ts";
import { runBenchmark } from "./bench-process.ts";

const built = spawnSync(process.execPath, [repositoryPath("scripts/build-native.mjs")], { encoding: "utf8" });
const missing = skipReason("compiler", built.status === 0 ? undefined : "the native reco cannot be built here");

describe.skipIf(missing !== undefined)("whole scans", () => {
  it("bench:startup times the way to the first fit, and from the last reply to the last process", () => {
    const { rows } = runBenchmark("startup", ...["--repetitions", "1", "--clients", "1", "--nsides", "1:0"]);
    const [planned, fitted, written, gone] = rows.map(({ sec }) => (sec as { median: number }).median);
    expect(planned).toBeGreaterThan(0);
    expect(fitted).toBeGreaterThan(planned!);
    expect(gone).toBeGreaterThan(written!);
    expect(rows.map(({ wantedSec }) => wantedSec)).toEqual([null, 2, null, 2]);
  });

  it("bench:scan tells the processor time of recos from that of server, clients and the export", async () => {
    const directory = await temporaryDirectory();
    try {
      const event = await simulatedEvent(directory.path);
      const args = ["--event", event, "--reco", "pandel_spe", "--nsides", "4:0", "--clients", "1", "--repetitions", "1"];
      const { rows } = runBenchmark("scan", ...args);
      expect(rows).toHaveLength(1);
      const { scanning, wholeRun, fits } = rows[0] as Record<"scanning" | "wholeRun", Record<string, number>> & { fits: number };
      expect(fits % (12 * 4 ** 2)).toBe(0);
      for (const role of ["server", "client", "reco", "export"]) expect(wholeRun[role]).toBeGreaterThan(0);
      expect(scanning["export"]).toBe(0);
      expect(scanning["reco"]).toBeLessThanOrEqual(wholeRun["reco"]!);
    } finally {
      await directory.remove();
    }
  });
});
