import { SkyscanError } from "@skyscan/runtime";

/**
 * What can be wrong with a reco itself, as opposed to one fit of it.
 * - `unknown-reco` no reco of that name; the text lists what there is
 * - `bad-manifest` a `reco.json` that does not validate; the text names file, key and what is allowed
 * - `bad-option` a `--reco-option` that the manifest does not offer
 * - `start-failed` the reco could not be brought to `ready` (missing executable, wrong version, died, too slow): charged to no unit
 * - `image-failed` its container could not be had
 * - `prepare-failed` its `prepare` step did not work out
 * - `gcd-missing` the baseline GCD file could not be had, or only another one of the same name
 */
export type RecoErrorCode =
  "unknown-reco" | "bad-manifest" | "bad-option" | "start-failed" | "image-failed" | "prepare-failed" | "gcd-missing";

/** Thrown by everything in this package. `stderrTail` is the end of the reco's log, where there was a process; else empty. */
export class RecoError extends SkyscanError<RecoErrorCode> {
  readonly stderrTail: string;

  constructor(code: RecoErrorCode, message: string, options: { readonly cause?: unknown; readonly stderrTail?: string } = {}) {
    super(code, message, options);
    this.stderrTail = options.stderrTail ?? "";
  }
}
