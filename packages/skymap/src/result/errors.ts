/**
 * What kept a result from being read, written or used.
 * - `garbled`    not a whole zip, npy or JSON text: truncated, damaged, of another kind
 * - `invalid`    readable, but not a scan result: columns, types, pixels or metadata that do not fit
 * - `too-large`  beyond the size limit; nothing was allocated for it
 * - `empty`      there is no pixel or no nside to write or to take the best fit of
 * - `read`       the file cannot be read; `cause` is Node's error (`ENOENT`, `EACCES`, …)
 * - `write`      the file cannot be written; `cause` is Node's error (`ENOSPC`, `EACCES`, …)
 * - `convention` a direction was asked of a result that does not say how its declinations are meant
 * - `unavailable` a library that draws a picture format does not load on this machine; `cause` is Node's error
 */
export type SkymapErrorCode = "garbled" | "invalid" | "too-large" | "empty" | "read" | "write" | "convention" | "unavailable";

/** Thrown by everything in this package that reads, writes or interprets results. The message names the file where there is one. */
export class SkymapError extends Error {
  override readonly name = "SkymapError";
  readonly code: SkymapErrorCode;

  constructor(code: SkymapErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
