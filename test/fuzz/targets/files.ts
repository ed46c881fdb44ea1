import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "@skyscan/runtime";
import { readStartupFile } from "@skyscan/protocol";
import { RecoError, completeRecoOptions, readManifest } from "@skyscan/recos";
import { createSkymap } from "@skyscan/skymap";
import { describeManifest } from "../../../packages/cli/src/status/describe-manifest.ts";
import { resultFacts } from "../../../packages/cli/src/result-facts.ts";
import { startup } from "../../../packages/protocol/test/samples.ts";
import { realFiles, text } from "../samples.ts";
import type { Target } from "../target.ts";
import { insideJson } from "../tree-codecs.ts";

let directory: string | undefined;
/** A file of this name with these bytes; gone when the process ends. */
export function temporaryFile(name: string, bytes: Uint8Array): string {
  if (directory === undefined) {
    const made = mkdtempSync(join(tmpdir(), "skyscan-fuzz-"));
    directory = made;
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
  }
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
}

const recoManifest = {
  protocol: 1,
  name: "a_reco",
  aliases: ["a.reco"],
  version: "1.0.0",
  description: "words",
  run: {
    mode: "stream",
    command: ["./reco", "{{RECO_DIR}}/x", "{{ENV:HOME}}"],
    env: { A: "b" },
    passEnv: ["HOME"],
    inFlight: 4,
    threads: 2,
    shmSize: "6gb",
  },
  needs: ["hits"],
  prepare: { command: ["./prepare", "{{INFILE}}", "{{OUTFILE}}"], timeoutSec: 60 },
  seeding: {
    vertexVariations: { kind: "cylinder", radiusM: 30, heightM: 60, n: 6 },
    rotateVertex: true,
    pointing: { particle: "OnlineL2_SplineMPE", radiusDeg: 10 },
  },
  options: { hits: { values: ["srt", "hlc"], default: "srt", flag: "--hits" } },
  calibratedLevels: { "50": 22.2, "90": 64.2 },
  startTimeoutSec: 120,
  timeoutSec: 300,
  "x-own": { anything: [1, 2] },
};

const scanManifest = {
  state: "finished",
  complete: true,
  scan_metadata: {
    scan_id: "scan-1",
    reco: { name: "pandel", version: "1.0.0", options: { hits: "srt" }, calibrated_levels: { "50": 22.2, "90": 64.2 } },
  },
  progress: {
    tallies: { nsides: { "8": { done: 768, "est. percent": "768/768" } } },
    processing_stats: { predictions: { "time left": "0:01:00" } },
  },
  workers: { alive: 1, slots: 2, hosts: 1, "ever seen": 1 },
  failures: { "failed units": 0, "by code": { crashed: 1 } },
  best_fit: { raDeg: 1, decDeg: 2, llh: 3, nside: 8, pixel: 4 },
  counters: { duplicates: 1 },
};

const noResult = createSkymap([]);
const json = (value: unknown): Uint8Array => text(JSON.stringify(value, null, 2));

export const fileTargets: readonly Target[] = [
  {
    name: "startup-file",
    errors: [UsageError],
    corpus: () => [json(startup), json(startup), ...realFiles("reco_pixel_single/splinempe/BRONZE/startup.json")],
    inside: insideJson,
    async parse(bytes) {
      const read = await readStartupFile(temporaryFile("client-startup.json", bytes));
      // As the client writes it for a reco.
      JSON.stringify(read);
    },
  },
  {
    name: "reco-manifest",
    errors: [RecoError],
    corpus: () => [json(recoManifest)],
    inside: insideJson,
    parse(bytes) {
      const reco = readManifest(join(temporaryFile("reco.json", bytes), ".."));
      completeRecoOptions(reco.manifest, {});
    },
  },
  {
    name: "scan-manifest",
    errors: [UsageError],
    corpus: () => [json(scanManifest)],
    inside: insideJson,
    async parse(bytes) {
      const path = temporaryFile("scan-manifest.json", bytes);
      JSON.stringify(await resultFacts(path, noResult, path));
      describeManifest(JSON.parse(Buffer.from(bytes).toString("utf8")), 1);
    },
  },
];
