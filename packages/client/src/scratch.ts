import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createOrphanGuard } from "@skyscan/recos";
import { SkyscanError, makeDirectory } from "@skyscan/runtime";

/** `scratch`: the scratch directory cannot be made or written. Ends a client with status 6. */
export class ScratchError extends SkyscanError<"scratch"> {}

/** Codes of a full or read-only disk. Rights (EACCES) are not among them: a reco that may not be executed has that too. */
const diskCodes: readonly string[] = ["ENOSPC", "EDQUOT", "EROFS"];

/** True when the error, or a cause of it, says that scratch cannot be written. */
export function isScratchProblem(error: unknown): boolean {
  for (let at = error; typeof at === "object" && at !== null; at = "cause" in at ? at.cause : undefined) {
    if (at instanceof ScratchError) return true;
    if ("code" in at && typeof at.code === "string" && diskCodes.includes(at.code)) return true;
  }
  return false;
}

/**
 * A directory of this client's own, below `parent` (made if missing) or the system's temporary directory. It goes with this process, also when
 * that is killed. @throws ScratchError
 */
export async function makeScratch(parent: string | undefined): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const guard = createOrphanGuard();
  guard.ready();
  try {
    const path = join(
      parent === undefined ? tmpdir() : resolve(parent),
      `skyscan-client-${process.pid}-${randomBytes(4).toString("hex")}`,
    );
    guard.removeAtEnd(path);
    await makeDirectory(path, 0o700);
    return {
      path,
      async remove() {
        await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
        guard.removeAtEnd(undefined);
        guard.close();
      },
    };
  } catch (error) {
    guard.close();
    throw new ScratchError(
      "scratch",
      `no scratch directory can be made below ${parent ?? tmpdir()}; give another one with --scratch-dir`,
      {
        cause: error,
      },
    );
  }
}
