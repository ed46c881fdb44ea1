import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readStartupFileOf } from "@skyscan/protocol";
import type { OwnedStartupFile } from "@skyscan/protocol";
import { UsageError, codeOf, pause } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";

/** One scan to serve. */
export interface FoundStartup extends OwnedStartupFile {
  readonly path: string;
}

const pollMs = 1000;
const usualName = "client-startup.json";

/**
 * The startup files that were asked for, waited for by looking once a second (a shared file system tells nobody of changes).
 * A directory stands for its `*.json` files and the `client-startup.json` of its subdirectories: those that are there when the first is seen.
 * Returns undefined when the signal aborts.
 * @throws UsageError when one is still missing after `waitSec`, or is not valid.
 */
export async function waitForStartup(
  paths: readonly string[],
  options: { readonly waitSec: number; readonly logger: Logger; readonly signal: AbortSignal },
): Promise<readonly FoundStartup[] | undefined> {
  const startMs = performance.now();
  for (let told = false; ; told = true) {
    const found = await Promise.all(paths.map(find));
    const missing = paths.filter((_, index) => found[index]?.length === 0);
    if (missing.length === 0) return found.flat();
    const leftMs = startMs + options.waitSec * 1000 - performance.now();
    if (leftMs <= 0) {
      throw new UsageError(
        missing.map(
          (path) =>
            `no startup file at ${path}: start the server first, name its --client-startup-json, or wait for it with --wait-for-startup-sec`,
        ),
      );
    }
    if (!told) options.logger.info({ missing, waitSec: options.waitSec }, "Waiting for the startup file");
    await pause(Math.min(pollMs, leftMs), options.signal);
    if (options.signal.aborted) return undefined;
  }
}

async function find(path: string): Promise<readonly FoundStartup[]> {
  if (!(await isDirectory(path))) return readAll([path]);
  const entries = await readdir(path, { withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.name.startsWith("."))
    .flatMap((entry) => {
      if (entry.isDirectory()) return [join(path, entry.name, usualName)];
      return entry.name.endsWith(".json") ? [join(path, entry.name)] : [];
    });
  return readAll(files.sort());
}

async function readAll(paths: readonly string[]): Promise<readonly FoundStartup[]> {
  const read = await Promise.all(paths.map(async (path) => ({ path, found: await readStartupFileOf(path) })));
  return read.flatMap(({ path, found }) => (found === undefined ? [] : [{ path, ...found }]));
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw new UsageError(`startup file ${path} cannot be read`, { cause: error });
  }
}
