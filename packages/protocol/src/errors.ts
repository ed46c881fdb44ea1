import { SkyscanError } from "@skyscan/runtime";

/**
 * Why bytes that came from elsewhere are not what they should be.
 * - `too-large` beyond the limit, not decoded
 * - `garbled` not decodable
 * - `invalid` decoded, but not a message of this kind; the text names the key
 * - `foreign-version` of another protocol version
 */
export type ProtocolErrorCode = "too-large" | "garbled" | "invalid" | "foreign-version";

/** Thrown by every decoder here. Whoever consumes counts it, sets the message aside and acks it: never requeued, never a crash. */
export class ProtocolError extends SkyscanError<ProtocolErrorCode> {}
