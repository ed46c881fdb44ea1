import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { findScans, manifestSuffix } from "@skyscan/server";
import { UsageError, codeOf, parseForeignJson } from "@skyscan/runtime";
import { scanIdOf, stateOf } from "./describe-manifest.ts";

/** A manifest that some server wrote. */
export interface ManifestFile {
  readonly path: string;
  readonly manifest: unknown;
  /** Since it was written, seconds. */
  readonly ageSec: number;
}

export interface ManifestPlaces {
  readonly cacheDir: string;
  readonly outputDir: string;
  readonly scanId: string | undefined;
}

/**
 * The manifest of the one scan that is meant: from where the scans of the cache directory wrote theirs, and from the output directory.
 * @throws UsageError when there is none, or those of several scans; it says what there is.
 */
export async function findManifestFile(places: ManifestPlaces): Promise<ManifestFile> {
  const scans = await findScans(places.cacheDir);
  const paths = new Set([...scans.flatMap((scan) => scan.manifest ?? []), ...(await manifestsIn(places.outputDir))]);
  const found = new Map<string, ManifestFile>();
  for (const path of paths) {
    const file = await readManifest(path);
    const id = file && scanIdOf(file.manifest);
    if (file === undefined || id === undefined) continue;
    const known = found.get(id);
    if (known === undefined || known.ageSec > file.ageSec) found.set(id, file);
  }
  const meant = [...found].filter(([id]) => places.scanId === undefined || id === places.scanId);
  if (meant.length === 1) return meant[0]![1];
  if (meant.length > 1) {
    throw new UsageError(
      `no server of ${places.cacheDir} answers, and there are several scans; give --scan-id: ${listed(meant)}`,
    );
  }
  const cached = scans.map((scan) => scan.scanId).join(", ");
  const known = found.size > 0 ? `there is ${listed([...found])}` : `there is no manifest in --output-dir ${places.outputDir}`;
  throw new UsageError(
    places.scanId !== undefined && found.size > 0
      ? `no scan ${places.scanId}: ${known}`
      : `no server of --cache-dir ${places.cacheDir} answers${cached === "" ? ", no scan was ever there" : ` (scans there: ${cached})`}, and ${known}; ` +
          `give the server's --cache-dir or --output-dir, or ask over the broker with --client-startup-json`,
  );
}

const listed = (files: readonly (readonly [string, ManifestFile])[]): string =>
  files.map(([id, { manifest, ageSec }]) => `${id} (${stateOf(manifest)}, ${Math.round(ageSec)} s old)`).join(", ");

async function manifestsIn(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    const meant = names.filter((name) => name.endsWith(manifestSuffix) || `.${name}` === manifestSuffix);
    return meant.map((name) => join(directory, name));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw new UsageError(`--output-dir ${directory} cannot be read`, { cause: error });
  }
}

/** Undefined when it is gone, or nothing that a server wrote. */
async function readManifest(path: string): Promise<ManifestFile | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { path, manifest: parseForeignJson(text), ageSec: (Date.now() - mtimeMs) / 1000 };
  } catch (error) {
    if (codeOf(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw new UsageError(`the manifest ${path} cannot be read`, { cause: error });
  }
}
