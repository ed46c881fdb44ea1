import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Path of the one journal below a cache directory (`<event>/<digest>/journal`), or undefined while there is none. */
export async function journalPath(cacheDirectory: string): Promise<string | undefined> {
  const names = await readdir(cacheDirectory, { recursive: true }).catch(() => []);
  const journal = names.find((name) => name.endsWith("/journal"));
  return journal === undefined ? undefined : join(cacheDirectory, journal);
}

/** How large the journal is now, bytes: the scan's progress, whatever the processes say. */
export async function journalBytes(cacheDirectory: string): Promise<number> {
  const path = await journalPath(cacheDirectory);
  if (path === undefined) return 0;
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
