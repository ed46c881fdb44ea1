import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSkymap } from "@skyscan/skymap";
import { UsageError } from "@skyscan/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeManifest } from "../src/status/describe-manifest.ts";
import { resultFacts } from "../src/result-facts.ts";

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), "skyscan-manifest-"))));
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("a scan manifest that is none", () => {
  test.each([
    ["null", /expected object/],
    ['{"complete": "yes"}', /key "complete"/],
    ['{"scan_metadata": {"scan_id": 7}}', /key "scan_metadata.scan_id"/],
    ['{"scan_metadata": {"reco": {"calibrated_levels": {"50": "a"}}}}', /calibrated_levels.50/],
    ["{", /cannot be read/],
  ])("%s is refused by what adds it to a result, naming the file", async (text, message) => {
    const path = join(directory, "scan-manifest.json");
    await writeFile(path, text);
    const thrown = await resultFacts(path, createSkymap([]), path).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(UsageError);
    expect((thrown as UsageError).message).toMatch(message);
    expect((thrown as UsageError).message).toContain(path);
  });

  test.each([null, 7, [], { best_fit: { llh: { toString: 1 } } }, { progress: { tallies: { nsides: { 8: null } } } }])(
    "%j is shown as far as it goes",
    (manifest) => {
      expect(describeManifest(manifest, 1).join("\n")).toContain("workers");
    },
  );
});
