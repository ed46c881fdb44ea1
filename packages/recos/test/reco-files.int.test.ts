// What a reco is given beside its units, and only where its command asks for it.
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@skyscan/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { madeUpStartup } from "../src/check/check-event.ts";
import { writeRecoFiles } from "../src/runner/reco-files.ts";
import { createBench } from "./fixture-reco.ts";

const name = "baseline_gcd_135417.i3";
const content = randomBytes(1000);
const sha256 = createHash("sha256").update(content).digest("hex");

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skyscan-reco-files-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("the files of a reco", () => {
  test("hold the packet and the baseline file only where its command asks for them, by the base name of the server's path", async () => {
    const bench = await createBench();
    try {
      const local = join(directory, "local");
      await mkdir(local);
      await writeFile(join(local, name), content);
      const startup = {
        ...madeUpStartup(),
        GCDQp_packet: { frames: [] },
        baseline_GCD_file: `/server/${name}`,
        baseline_GCD_sha256: sha256,
      };
      const filesOf = async (command: readonly string[], change: object = {}) =>
        writeRecoFiles({
          reco: await bench.oneshotReco("", { run: { command } }),
          startup: { ...startup, ...change },
          directory,
          gcd: { directories: [local], stagingDirectory: undefined, url: undefined },
          logger: silentLogger,
        });
      const asks = ["x", "--gcd={{BASELINE_GCD}}", "{{GCDQP_PACKET}}"];
      const files = await filesOf(asks);
      expect(files.baselineGcdPath).toBe(join(local, name));
      expect(await readFile(files.gcdqpPacketPath!, "utf8")).toBe('{"frames":[]}');
      expect(await filesOf(["x"])).toEqual({ startupPath: files.startupPath });
      await expect(filesOf(asks, { baseline_GCD_sha256: "0".repeat(64) })).rejects.toMatchObject({
        code: "gcd-missing",
        message: expect.stringMatching(/another file/) as unknown,
      });
      await expect(filesOf(asks, { baseline_GCD_file: null })).rejects.toMatchObject({ code: "start-failed" });
      await expect(filesOf(asks, { GCDQp_packet: null })).rejects.toMatchObject({ code: "start-failed" });
    } finally {
      await bench.dispose();
    }
  });
});
