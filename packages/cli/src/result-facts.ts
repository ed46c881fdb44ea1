import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { packageVersion } from "@skyscan/protocol/version";
import { eventMetadataOf, eventNameOf } from "@skyscan/skymap";
import type { ResultFacts, Skymap } from "@skyscan/skymap";
import { UsageError, codeOf, messageOf, parseForeignJson } from "@skyscan/runtime";

/** The parts of a scan's manifest that are told again in result files. */
const manifestSchema = z.object({
  complete: z.boolean().optional(),
  scan_metadata: z
    .object({
      scan_id: z.string().optional(),
      reco: z
        .object({
          name: z.string().optional(),
          version: z.string().optional(),
          options: z.record(z.string(), z.unknown()).optional(),
          calibrated_levels: z.record(z.string(), z.number()).nullable().optional(),
        })
        .optional(),
    })
    .optional(),
});

/**
 * What a result file does not hold: scan, reco and calibrated levels, from the scan's manifest (`<event>.scan-manifest.json` beside the result
 * unless given). Without one, these are "unknown", and the result counts as preliminary.
 * @throws UsageError when a manifest that was named cannot be read.
 */
export async function resultFacts(resultPath: string, skymap: Skymap, given: string | undefined): Promise<ResultFacts> {
  const metadata = eventMetadataOf(skymap);
  const eventName = metadata === undefined ? "unknown" : eventNameOf(metadata);
  const manifest = await readManifest(given ?? join(dirname(resultPath), `${eventName}.scan-manifest.json`), given !== undefined);
  const reco = manifest?.scan_metadata?.reco;
  const levels = reco?.calibrated_levels;
  const [half, most] = [levels?.["50"], levels?.["90"]];
  return {
    eventName,
    scanId: manifest?.scan_metadata?.scan_id ?? "unknown",
    reco: { name: reco?.name ?? "unknown", version: reco?.version ?? "unknown", options: reco?.options ?? {} },
    calibratedLevels: half === undefined || most === undefined ? null : { "50": half, "90": most },
    creatorVersion: packageVersion,
    preliminary: manifest?.complete !== true,
  };
}

async function readManifest(path: string, required: boolean): Promise<z.infer<typeof manifestSchema> | undefined> {
  try {
    return manifestSchema.parse(parseForeignJson(await readFile(path, "utf8")));
  } catch (error) {
    if (error instanceof z.ZodError) {
      const problems = error.issues.map(({ path: keys, message }) => `key "${keys.join(".")}": ${message}`);
      throw new UsageError(`${path} is no scan manifest: ${problems.slice(0, 5).join("; ")}`);
    }
    if (!required && codeOf(error) === "ENOENT") return undefined;
    throw new UsageError(`the scan manifest ${path} cannot be read: ${messageOf(error)}`);
  }
}
