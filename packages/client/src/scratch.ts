import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
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

/** A directory of this client's own, below `parent` (made if missing) or the system's temporary directory. @throws ScratchError */
export async function makeScratch(parent: string | undefined): Promise<{ readonly path: string; remove(): Promise<void> }> {
  try {
    const path = parent === undefined ? await mkdtemp(join(tmpdir(), "skyscan-client-")) : await makeBelow(resolve(parent));
    return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined) };
  } catch (error) {
    throw new ScratchError(
      "scratch",
      `no scratch directory can be made below ${parent ?? tmpdir()}; give another one with --scratch-dir`,
      {
        cause: error,
      },
    );
  }
}

async function makeBelow(parent: string): Promise<string> {
  const path = join(parent, `skyscan-client-${process.pid}-${randomBytes(4).toString("hex")}`);
  await makeDirectory(path, 0o700);
  return path;
}
