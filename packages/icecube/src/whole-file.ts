import { rename, rm } from "node:fs/promises";
import { IceCubeError } from "./errors.ts";

/**
 * Lets `write` make a file under a temporary name beside `path`, and renames it when it is whole; of one that failed nothing is left.
 * @throws IceCubeError `io`; those of `write` as they are
 */
export async function writeWholeFile(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await write(temporary);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    if (cause instanceof IceCubeError) throw cause;
    throw new IceCubeError("io", `cannot write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
