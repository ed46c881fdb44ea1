import { SkyscanError } from "@skyscan/runtime";

/**
 * Why a scan's server stops before its end.
 * - `locked` another server works on this scan
 * - `settings` the journal in the cache is of other settings, or is in the way
 * - `storage` cache or output cannot be written (status 6)
 * - `broker` the broker cannot be used or did not come back
 */
export type ServerErrorCode = "locked" | "settings" | "storage" | "broker";

/** Thrown inside the server; `runScan` turns it into an exit status. */
export class ServerError extends SkyscanError<ServerErrorCode> {}
