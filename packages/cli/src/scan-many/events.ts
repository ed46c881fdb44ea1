import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { UsageError } from "@skyscan/runtime";

/** One event of many, and the places of its scan. */
export interface ManyEvent {
  /** Of its directories and of its startup file: the event file's name without its ending. */
  readonly name: string;
  readonly eventFile: string;
  readonly cacheDir: string;
  readonly outputDir: string;
  readonly clientStartupJson: string;
}

export interface ManyPlaces {
  readonly eventFiles: readonly string[];
  readonly cacheDir: string;
  readonly outputDir: string;
  readonly clientStartupDir: string;
}

/** What event files and patterns stand for. */
export interface FoundEvents {
  readonly events: readonly ManyEvent[];
  /** Files that were named as events, and are the truth of an event that was named too: left out. */
  readonly truths: readonly string[];
}

/**
 * Event files by path or pattern, in their order, each once. Two of the same name in different directories get a few characters of their path's hash:
 * the places of a file are the same at every start. @throws UsageError naming every path and pattern that stands for nothing.
 */
export async function findEvents(places: ManyPlaces): Promise<FoundEvents> {
  const found = await Promise.all(places.eventFiles.map(filesOf));
  const missing = places.eventFiles.filter((_, index) => found[index]!.length === 0);
  if (missing.length > 0) {
    throw new UsageError(
      missing.map((word) => `--event-files ${word} stands for no file: it takes event files, or patterns like 'events/*.json'`),
    );
  }
  const named = new Set(found.flat());
  // A shell names them outright where a pattern was not quoted.
  const isTruth = (file: string): boolean =>
    file.endsWith(truthEnding) && named.has(`${file.slice(0, -truthEnding.length)}.json`);
  const files = [...named].filter((file) => !isTruth(file));
  const counts = new Map<string, number>();
  for (const file of files) counts.set(stem(file), (counts.get(stem(file)) ?? 0) + 1);
  const events = files.map((eventFile) => {
    const name = counts.get(stem(eventFile)) === 1 ? stem(eventFile) : `${stem(eventFile)}-${shortHash(eventFile)}`;
    return {
      name,
      eventFile,
      cacheDir: resolve(places.cacheDir, name),
      outputDir: resolve(places.outputDir, name),
      clientStartupJson: join(resolve(places.clientStartupDir), `${name}.json`),
    };
  });
  return { events, truths: [...named].filter(isTruth) };
}

const stem = (file: string): string => basename(file).replace(/\.(json|pkl)$/, "");
const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 6);

/** What `skyscan simulate` writes beside its events. */
const truthEnding = ".truth.json";

/** A file that is there is itself, whatever its name looks like; a pattern stands for no truth. */
async function filesOf(word: string): Promise<readonly string[]> {
  const isFile = await stat(word).then(
    (about) => about.isFile(),
    () => false,
  );
  if (isFile) return [resolve(word)];
  if (!isDynamicPattern(word)) return [];
  return (await glob(word, { absolute: true })).filter((file) => !file.endsWith(truthEnding)).sort();
}
