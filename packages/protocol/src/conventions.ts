// What both ends of a scan go by, beside the shapes of the messages (engine-protocol, sections 2 to 6).

/** Every so often a client says that it lives. */
export const beatSec = 10;

/** A unit that keeps coming back to a host that it should avoid has nowhere else to go: it is declined so often, and sent with `avoid` so often. */
export const maxDeclines = 2;

/** Longest lists and texts of a message: senders cut what is longer, receivers refuse it. */
export const maxAvoidedHosts = 64;
export const maxHoldingUnits = 20_000;
export const maxReasonChars = 4096;
export const maxStderrTailChars = 65_536;
