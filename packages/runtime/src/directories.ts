import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UsageError, codeOf } from "./errors.ts";

/**
 * Makes a directory and what is missing above it, as `mkdir -p`. Node's own recursive mkdir never returns where a parent can hold nothing
 * (`/proc/x`): here that is an error like any other. `mode` is that of the last one, less the umask.
 * @throws Node's error: `ENOTDIR`, `EEXIST` (a file is in the way), `EACCES`, `EROFS`, `ENOSPC`, `ENOENT` …
 */
export async function makeDirectory(path: string, mode = 0o777): Promise<void> {
  const absolute = resolve(path);
  try {
    await mkdir(absolute, { mode });
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST" && (await stat(absolute)).isDirectory()) return;
    const parent = dirname(absolute);
    if (code !== "ENOENT" || parent === absolute) throw error;
    if (!(await exists(parent))) await makeDirectory(parent);
    // Somebody else may have made one or both meanwhile.
    await mkdir(absolute, { mode }).catch((again: unknown) => {
      if (codeOf(again) !== "EEXIST") throw again;
    });
  }
}

/** {@link makeDirectory} of a path that the user gave with `flag`. @throws UsageError naming both. */
export async function makeFlagDirectory(flag: string, path: string): Promise<void> {
  try {
    await makeDirectory(path);
  } catch (error) {
    throw new UsageError(`${flag} ${path} cannot be made`, { cause: error });
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
