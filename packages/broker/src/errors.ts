import { SkyscanError } from "@skyscan/runtime";

/**
 * Why a broker call failed.
 * - `unreachable` nobody answers at the address (retryable)
 * - `refused-credentials` user, password or token are not accepted
 * - `refused-right` the credentials lack a right for this operation; the message names it
 * - `mismatch` a queue exists with other arguments
 * - `unsupported` the broker is too old or lacks a feature that is needed
 * - `queue-gone` a queue that was opened passively does not exist (any more)
 * - `locked` another holder has the lock
 * - `lost` the connection did not come back within the limit
 * - `full` the broker refuses to take a message (limit, alarm) (retryable)
 * - `closed` this handle was closed
 * - `bad-address` the address or an option cannot be used as it is
 * - `not-installed` an optional client library is missing; the message says the fix
 */
export type BrokerErrorCode =
  | "unreachable"
  | "refused-credentials"
  | "refused-right"
  | "mismatch"
  | "unsupported"
  | "queue-gone"
  | "locked"
  | "lost"
  | "full"
  | "closed"
  | "bad-address"
  | "not-installed";

/** Thrown by everything in this package. Callers switch on `code`. */
export class BrokerError extends SkyscanError<BrokerErrorCode> {}
