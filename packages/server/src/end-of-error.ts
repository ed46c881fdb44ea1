import { BrokerError } from "@skyscan/broker";
import { RecoError } from "@skyscan/recos";
import { UsageError, messageOf } from "@skyscan/runtime";
import { ServerError } from "./errors.ts";
import type { ScanEnd } from "./request/request.ts";

/** Codes of a full, read-only or broken disk. */
const diskCodes: readonly string[] = ["ENOSPC", "EDQUOT", "EROFS", "EIO"];

/** True when the error, or a cause of it, is the system's about a disk that cannot be written. */
function isDiskProblem(error: unknown): boolean {
  for (let at = error; typeof at === "object" && at !== null; at = "cause" in at ? at.cause : undefined)
    if ("code" in at && typeof at.code === "string" && diskCodes.includes(at.code)) return true;
  return false;
}

/** A thrown value as an exit status; undefined for what nobody expects (status 1, a bug). */
export function endOfError(error: unknown): ScanEnd | undefined {
  const why = messageOf(error);
  if (error instanceof ServerError && error.code === "storage") return { status: 6, why, files: [] };
  if (error instanceof UsageError || error instanceof RecoError || error instanceof ServerError)
    return { status: isDiskProblem(error) ? 6 : 2, why, files: [] };
  if (error instanceof BrokerError) return { status: error.code === "lost" ? 4 : 2, why, files: [] };
  if (isDiskProblem(error))
    return { status: 6, why: `${why}; make room, then the same command goes on where it stopped`, files: [] };
  return undefined;
}
