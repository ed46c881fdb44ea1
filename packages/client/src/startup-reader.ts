import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { moreScansName, readStartupFileOf } from "@skyscan/protocol";
import type { OwnedStartupFile } from "@skyscan/protocol";
import { UsageError, codeOf, messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";

/** One scan to serve. */
export interface FoundStartup extends OwnedStartupFile {
  readonly path: string;
}

/** Reads startup files, again only when they have changed: a file that is as it was is the same object. */
export interface StartupReader {
  /**
   * What a path stands for: a file, or a directory's `*.json` files and the `client-startup.json` of its subdirectories. Empty: not there (yet).
   * @throws UsageError when a file that was named is none. In a directory such a file is passed over, with one warning.
   */
  find(path: string): Promise<readonly FoundStartup[]>;
}

const usualName = "client-startup.json";

export function createStartupReader(logger: Logger): StartupReader {
  const known = new Map<string, { readonly stamp: string; readonly found: FoundStartup | undefined }>();

  async function read(path: string, named: boolean): Promise<readonly FoundStartup[]> {
    const stamp = await stampOf(path);
    const before = known.get(path);
    if (before !== undefined && before.stamp === stamp) return before.found === undefined ? [] : [before.found];
    let found: FoundStartup | undefined;
    try {
      const owned = await readStartupFileOf(path);
      found = owned && { path, ...owned };
    } catch (error) {
      if (named || !(error instanceof UsageError)) throw error;
      logger.warn({ path, reason: messageOf(error) }, "Passed over a file that is no startup file");
    }
    if (stamp !== undefined) known.set(path, { stamp, found });
    return found === undefined ? [] : [found];
  }

  return {
    async find(path) {
      if (!(await isDirectory(path))) return read(path, true);
      const entries = await readdir(path, { withFileTypes: true });
      const files = entries
        .filter(({ name }) => !name.startsWith(".") && name !== moreScansName)
        .flatMap((entry) => {
          if (entry.isDirectory()) return [join(path, entry.name, usualName)];
          return entry.name.endsWith(".json") ? [join(path, entry.name)] : [];
        });
      return (await Promise.all(files.sort().map((file) => read(file, false)))).flat();
    },
  };
}

/** Startup files are replaced, never written to: another one has another inode, or at least another time. */
async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return undefined;
  }
}

export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw new UsageError(`startup file ${path} cannot be read`, { cause: error });
  }
}
