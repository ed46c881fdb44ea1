import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { removeShorterNamed, skymapBaseName } from "../files/files.ts";
import { findingsOf, type ResultFacts } from "../regions/findings.ts";
import { flatMapOf } from "./flat-map.ts";
import { encodeCircularText, encodeGcnDraft } from "./gcn.ts";
import { encodeContourText, encodeDs9Regions } from "./region-files.ts";
import { mocOf, mocToJson } from "../regions/region.ts";
import { encodeFlatMap, encodeMoc, encodeMultiOrderMap } from "./result-fits.ts";
import { encodeSummary } from "./result-summary.ts";
import type { Skymap } from "../result/skymap.ts";
import { writeAtomically } from "../files/write-atomically.ts";

/** Maps of mostly equal numbers: higher levels take much longer and gain little. */
const compress = (bytes: Uint8Array): Promise<Uint8Array> => promisify(gzip)(bytes, { level: 3 });

/** Endings of the extra files whose names do not hold an nside of their own. */
const endings = [
  "multiorder.fits.gz",
  "region_50.moc.fits",
  "region_90.moc.fits",
  "region_50.moc.json",
  "region_90.moc.json",
  "contours.reg",
  "contour_50.txt",
  "contour_90.txt",
  "summary.json",
  "gcn-draft.json",
  "circular.txt",
] as const;
const flatEndings = Array.from({ length: 12 }, (_, order) => 2 ** order).flatMap((nside) =>
  ["probability", "llh"].map((kind) => `skymap_nside_${nside}_${kind}.fits.gz`),
);

/**
 * Writes the files that go with a result into a directory, named `<event>_<nsides>.…`, each whole or not at all: flat maps (probability,
 * 2 delta llh), multi-order map, MOCs of the 50 % and 90 % regions, contours, summary, drafts of a GCN notice and of a circular's sentence. Then
 * removes those of earlier, shorter results of the same event. The same result and facts give the same bytes. docs/results.md says what is in them.
 * @returns the paths written
 * @throws SkymapError `empty` when no pixel has a number; `convention`, `invalid` (facts); `write` with Node's error as `cause`
 */
export async function writeResultExtras(directory: string, skymap: Skymap, facts: ResultFacts): Promise<readonly string[]> {
  const findings = findingsOf(skymap, facts);
  const path = join(directory, skymapBaseName(facts.eventName, skymap));
  const flat = flatMapOf(findings.map, facts.flatNside);
  const { contours, regions } = findings;
  const mocs = regions.map((region) => mocOf(findings.map, region));
  const text = (content: string): Uint8Array => Buffer.from(content);
  const contents: Record<(typeof endings)[number], Uint8Array | Promise<Uint8Array>> = {
    "multiorder.fits.gz": compress(encodeMultiOrderMap(findings)),
    "region_50.moc.fits": encodeMoc(findings, mocs[0]!, 0.5),
    "region_90.moc.fits": encodeMoc(findings, mocs[1]!, 0.9),
    "region_50.moc.json": text(mocToJson(mocs[0]!)),
    "region_90.moc.json": text(mocToJson(mocs[1]!)),
    "contours.reg": text(encodeDs9Regions(findings)),
    "contour_50.txt": text(encodeContourText(contours[0])),
    "contour_90.txt": text(encodeContourText(contours[1])),
    "summary.json": text(encodeSummary(findings)),
    "gcn-draft.json": text(encodeGcnDraft(findings)),
    "circular.txt": text(encodeCircularText(findings)),
  };
  const flatContents = (["probability", "llh"] as const).map((kind): [string, Promise<Uint8Array>] => [
    `skymap_nside_${flat.nside}_${kind}.fits.gz`,
    compress(encodeFlatMap(findings, flat, kind)),
  ]);
  const written = await Promise.all(
    [...flatContents, ...Object.entries(contents)].map(async ([ending, content]) => {
      await writeAtomically(`${path}.${ending}`, await content);
      return `${path}.${ending}`;
    }),
  );
  await removeShorterNamed(directory, facts.eventName, findings.nsides, [...endings, ...flatEndings]);
  return written;
}
