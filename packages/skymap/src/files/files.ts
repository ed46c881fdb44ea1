import { open, readdir, rm } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { SkymapError } from "../result/errors.ts";
import { decodeJson, encodeJson, jsonChunks } from "./json.ts";
import { defaultMaxBytes } from "../result/limits.ts";
import { decodeNpz, encodeNpz, npzChunks } from "./npz.ts";
import type { Skymap, WritableSkymap } from "../result/skymap.ts";
import { writeAtomically } from "./write-atomically.ts";

/** A result's file formats: their file name endings. */
export type SkymapFormat = "npz" | "json";

/** `<event>_<nsides joined by _>`, nsides ascending: what the files of a result are called. @throws SkymapError `empty` without any nside */
export function skymapBaseName(eventName: string, skymap: WritableSkymap): string {
  if (skymap.levels.length === 0)
    throw new SkymapError("empty", `the result of ${eventName} has no pixels yet: there is nothing to write`);
  const nsides = skymap.levels.map((level) => level.nside).sort((a, b) => a - b);
  return `${eventName}_${nsides.join("_")}`;
}

/** The bytes of a result in a format. */
export function encodeSkymap(skymap: WritableSkymap, format: SkymapFormat): Uint8Array {
  return format === "npz" ? encodeNpz(skymap) : encodeJson(skymap);
}

/** What {@link writeSkymapFiles} wrote and removed: absolute or relative as the directory was given. */
export interface WrittenFiles {
  readonly npz: string;
  readonly json: string;
  /** Files of earlier, shorter results of the same event that these replace. */
  readonly removed: readonly string[];
}

/**
 * Writes `<event>_<nsides>.npz` and `.json` into a directory, each by temporary name, fsync and rename, then removes the partial files of
 * the same event whose names have only some of these nsides.
 * @throws SkymapError `empty` without any nside; `write` with Node's error as `cause`, the files that were there before still in place
 */
export async function writeSkymapFiles(directory: string, skymap: WritableSkymap, eventName: string): Promise<WrittenFiles> {
  const path = join(directory, skymapBaseName(eventName, skymap));
  await writeAtomically(`${path}.npz`, npzChunks(skymap));
  await writeAtomically(`${path}.json`, jsonChunks(skymap));
  const nsides = skymap.levels.map((level) => level.nside);
  const removed = await removeShorterNamed(directory, eventName, nsides, ["npz", "json"]);
  return { npz: `${path}.npz`, json: `${path}.json`, removed };
}

/**
 * Removes `<event>_<nsides>.<extension>` of every list of nsides that is part of, but not all of, `nsides`. For any kind of file that is
 * named like the results; an extension may have several parts (`fits.gz`).
 * @returns the paths that were removed
 * @throws SkymapError `write`
 */
export async function removeShorterNamed(
  directory: string,
  eventName: string,
  nsides: readonly number[],
  extensions: readonly string[],
): Promise<string[]> {
  const all = new Set(nsides.map(String));
  const removed: string[] = [];
  try {
    for (const name of await readdir(directory)) {
      if (!name.startsWith(`${eventName}_`)) continue;
      const match = /^([0-9]+(?:_[0-9]+)*)\.(.+)$/.exec(name.slice(eventName.length + 1));
      if (match === null || !extensions.includes(match[2]!)) continue;
      const named = match[1]!.split("_");
      if (named.length >= all.size || !named.every((nside) => all.has(nside))) continue;
      await rm(join(directory, name), { force: true });
      removed.push(join(directory, name));
    }
  } catch (cause) {
    throw new SkymapError("write", `cannot remove old results in ${directory}: ${(cause as Error).message}`, { cause });
  }
  return removed;
}

/** Format of a file by its name; undefined for other endings. */
export function formatOfName(path: string): SkymapFormat | undefined {
  const extension = extname(path).toLowerCase();
  return extension === ".npz" ? "npz" : extension === ".json" ? "json" : undefined;
}

/**
 * Reads a result, npz or json as its first bytes say. Every error names the file.
 * @throws SkymapError `read` with Node's error as `cause`; `too-large` beyond `maxBytes` (1 GiB unless given), before it is read or
 * unpacked; `garbled`, `invalid`
 */
export async function readSkymapFile(path: string, options: { readonly maxBytes?: number } = {}): Promise<Skymap> {
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  const bytes = await readBounded(path, maxBytes);
  try {
    const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
    if (isZip || (formatOfName(path) === "npz" && bytes.length > 0)) return decodeNpz(bytes, { maxBytes });
    return decodeJson(bytes);
  } catch (error) {
    if (error instanceof SkymapError) throw new SkymapError(error.code, `${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      if (size > maxBytes) throw new SkymapError("too-large", `${path} has ${size} bytes; the limit is ${maxBytes}`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof SkymapError) throw cause;
    throw new SkymapError("read", `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Converts a result file into the other format, or the one named.
 * @param to path of the new file, its ending saying the format; or a directory's file beside `from` with the other ending when undefined
 * @returns the path written
 * @throws SkymapError as {@link readSkymapFile} and {@link writeSkymapFiles}; `invalid` when `to` ends in neither `.npz` nor `.json`
 */
export async function convertSkymapFile(
  from: string,
  to?: string,
  options: { readonly maxBytes?: number } = {},
): Promise<string> {
  const target = to ?? otherName(from);
  const format = formatOfName(target);
  if (format === undefined) throw new SkymapError("invalid", `${target}: a result file ends in .npz or .json`);
  await writeAtomically(target, encodeSkymap(await readSkymapFile(from, options), format));
  return target;
}

function otherName(from: string): string {
  const format = formatOfName(from);
  if (format === undefined)
    throw new SkymapError("invalid", `${from}: say where to write; its name does not end in .npz or .json`);
  return join(from, "..", `${basename(from, extname(from))}.${format === "npz" ? "json" : "npz"}`);
}
