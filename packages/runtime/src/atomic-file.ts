import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { temporaryName } from "./temporary-name.ts";

/**
 * Writes a file so that whoever sees it sees all of it, also after a power cut: temporary name beside it, fsync, rename, fsync of the directory.
 * Rejects with Node's error (`ENOSPC`, `EACCES`, …); nothing half-written is left.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const temporary = temporaryName(path);
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes new names in a directory durable. Directories of some network file systems refuse fsync; those are left alone. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync().catch(() => undefined);
  } finally {
    await directory.close();
  }
}
