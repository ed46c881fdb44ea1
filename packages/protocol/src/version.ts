/** Version of everything that travels; first key of every message. */
export const protocolVersion = 1;

/** Version of the packages, told in hello so that a mismatch can be named. */
export const packageVersion = "0.1.0";
