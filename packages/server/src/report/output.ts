import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { writeSkymapFiles } from "@skyscan/skymap";
import type { WritableSkymap } from "@skyscan/skymap";
import { writeFileAtomically } from "@skyscan/runtime";
import { ServerError } from "../errors.ts";
import type { ScanInputs } from "../request/inputs.ts";
import type { ScanState } from "../state/scan-state.ts";

/** What there is so far: complete pixels only, coarse to fine. */
export function skymapOf(inputs: ScanInputs, state: ScanState, complete: boolean): WritableSkymap {
  const { runId, eventId, eventType, mjd } = inputs.event.metadata;
  const levels = [...state.tables.values()]
    .filter((table) => table.finalPixels > 0)
    .sort((a, b) => a.nside - b.nside)
    .map((table) => {
      const { index, llh, eIn, eTot, x, y, z, t } = table.completeColumns();
      const metadata = {
        complete: complete || (table.finalPixels === table.rows && state.finalUnits === state.plannedUnits),
        runId,
        eventId,
        eventType,
        mjd,
        isRealEvent: inputs.isRealEvent,
        version: 1,
      } as const;
      return { nside: table.nside, metadata, columns: { index, llh, E_in: eIn, E_tot: eTot, X: x, Y: y, Z: z, T: t } };
    });
  return { levels };
}

/** The result as it stands, as npz and json; shorter-named partial files of before go. Nothing without a complete pixel. @throws ServerError `storage`. */
export async function writeResult(
  outputDir: string,
  inputs: ScanInputs,
  state: ScanState,
  complete: boolean,
): Promise<readonly string[]> {
  const skymap = skymapOf(inputs, state, complete);
  if (skymap.levels.length === 0) return [];
  try {
    const { npz, json } = await writeSkymapFiles(outputDir, skymap, inputs.event.name);
    return [npz, json];
  } catch (error) {
    throw new ServerError("storage", `the result cannot be written to --output-dir ${outputDir}`, { cause: error });
  }
}

/** Where the manifest of a scan is. */
export const manifestPath = (outputDir: string, eventName: string): string => join(outputDir, `${eventName}${manifestSuffix}`);

export const manifestSuffix = ".scan-manifest.json";

/**
 * `<event>.scan-manifest.json`, and `scan-manifest.json` unless one of another scan is there.
 * @throws ServerError `storage`.
 */
export async function writeManifest(outputDir: string, eventName: string, manifest: object): Promise<readonly string[]> {
  const content = `${JSON.stringify(manifest, null, 4)}\n`;
  const own = manifestPath(outputDir, eventName);
  const shared = join(outputDir, "scan-manifest.json");
  try {
    await writeFileAtomically(own, content);
    if (await mayWriteShared(shared, manifest)) await writeFileAtomically(shared, content);
  } catch (error) {
    throw new ServerError("storage", `the manifest cannot be written to --output-dir ${outputDir}`, { cause: error });
  }
  return [own];
}

const scanIdOf = (manifest: unknown): unknown =>
  (manifest as { scan_metadata?: { scan_id?: unknown } } | null)?.scan_metadata?.scan_id;

async function mayWriteShared(path: string, manifest: object): Promise<boolean> {
  try {
    return scanIdOf(JSON.parse(await readFile(path, "utf8"))) === scanIdOf(manifest);
  } catch {
    // Not there, or nothing that a scan wrote whole.
    return true;
  }
}
