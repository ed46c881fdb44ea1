import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packageVersion } from "@skyscan/protocol";
import { eventMetadataOf, eventNameOf } from "@skyscan/skymap";
import type { ResultFacts, Skymap } from "@skyscan/skymap";
import { UsageError, codeOf, messageOf } from "@skyscan/runtime";

interface ManifestParts {
  readonly complete?: boolean;
  readonly scan_metadata?: {
    readonly scan_id?: string;
    readonly reco?: {
      readonly name?: string;
      readonly version?: string;
      readonly options?: Readonly<Record<string, unknown>>;
      readonly calibrated_levels?: Readonly<Record<string, number>> | null;
    };
  };
}

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

async function readManifest(path: string, required: boolean): Promise<ManifestParts | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as ManifestParts;
  } catch (error) {
    if (!required && codeOf(error) === "ENOENT") return undefined;
    throw new UsageError(`the scan manifest ${path} cannot be read: ${messageOf(error)}`);
  }
}
