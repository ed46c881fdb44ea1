import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { SkymapError } from "../result/errors.ts";

/**
 * Writes a file so that whoever sees it sees all of it: temporary name beside it, fsync, rename, fsync of the directory. After a
 * failure the old file, if any, is still there and the temporary one is not. Content in pieces is made as it is written: other work goes on between.
 * @throws SkymapError `write` with Node's error (`ENOSPC`, `EACCES`, `ENOENT`, …) as `cause`
 */
export async function writeAtomically(path: string, content: Uint8Array | Iterable<Uint8Array>): Promise<void> {
  // The form of runtime's temporary names: a server that goes on after a kill finds them.
  const maker = `${hostname().replace(/[^A-Za-z0-9-]/g, "_")}.${process.pid}`;
  const temporary = join(dirname(path), `.${basename(path)}.${maker}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    const file = await open(temporary, "wx", 0o644);
    try {
      if (content instanceof Uint8Array) await file.writeFile(content);
      else for (const chunk of content) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new SkymapError("write", `cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Makes the new name durable. Some network file systems refuse fsync of directories; there is nothing more to be done on those. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync().catch(() => undefined);
  } finally {
    await directory.close();
  }
}
