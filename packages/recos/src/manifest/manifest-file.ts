import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { codeOf, messageOf, parseForeignJson } from "@skyscan/runtime";
import { RecoError } from "./errors.ts";
import { parseManifest } from "./manifest.ts";
import type { Manifest } from "./manifest.ts";

/** The file that makes a directory a reco. */
export const manifestFileName = "reco.json";

/** A reco that was found: its manifest and where it lives. */
export interface Reco {
  readonly manifest: Manifest;
  /** Absolute path of its directory. */
  readonly dir: string;
  /** Absolute path of its `reco.json`. */
  readonly manifestPath: string;
  /** SHA-256 of the bytes of `reco.json`, lower case hex: client and server must have the same. */
  readonly manifestSha256: string;
}

/** A `reco.json` that cannot be used: every problem names the file and the key. `name` is what it calls itself, else its directory's name. */
export interface BadManifest {
  readonly name: string;
  readonly dir: string;
  readonly manifestPath: string;
  readonly problems: readonly string[];
}

export type RecoReading =
  { readonly reco: Reco; readonly bad?: undefined } | { readonly reco?: undefined; readonly bad: BadManifest };

/** Reads `DIR/reco.json`; undefined when there is none. Never throws for what the file holds. */
export function inspectRecoDirectory(directory: string): RecoReading | undefined {
  const dir = resolve(directory);
  const manifestPath = join(dir, manifestFileName);
  const bad = (name: string, problems: readonly string[]): RecoReading => ({
    bad: { name, dir, manifestPath, problems: problems.map((problem) => `${manifestPath}: ${problem}`) },
  });
  let bytes: Buffer;
  try {
    bytes = readFileSync(manifestPath);
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    return bad(basename(dir), [`cannot be read: ${messageOf(error)}`]);
  }
  let value: unknown;
  try {
    value = parseForeignJson(bytes.toString("utf8"));
  } catch (error) {
    return bad(basename(dir), [`is not JSON: ${messageOf(error)}`]);
  }
  const { manifest, problems } = parseManifest(value);
  if (problems !== undefined) return bad(nameIn(value) ?? basename(dir), problems);
  return { reco: { manifest, dir, manifestPath, manifestSha256: createHash("sha256").update(bytes).digest("hex") } };
}

/**
 * The reco in a directory.
 * @throws RecoError `bad-manifest` when there is no `reco.json` or it does not validate; the text names file, key and what is allowed.
 */
export function readManifest(directory: string): Reco {
  const reading = inspectRecoDirectory(directory);
  if (reading === undefined) throw new RecoError("bad-manifest", `${resolve(directory)}: no ${manifestFileName} there`);
  if (reading.bad !== undefined) throw new RecoError("bad-manifest", reading.bad.problems.join("\n"));
  return reading.reco;
}

function nameIn(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("name" in value)) return undefined;
  return typeof value.name === "string" ? value.name : undefined;
}
