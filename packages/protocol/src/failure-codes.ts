/** Codes that a reco may send in its `error` (reco-protocol, section 7). */
export const recoFailureCodes = ["fit-failed", "bad-input", "internal"] as const;

/** Every failure code there is; the others come from the engine. */
export const failureCodes = [
  ...recoFailureCodes,
  "crashed",
  "timed-out",
  "no-output",
  "protocol",
  "start-failed",
  "image-failed",
  "killed",
] as const;

export type RecoFailureCode = (typeof recoFailureCodes)[number];
export type FailureCode = (typeof failureCodes)[number];
