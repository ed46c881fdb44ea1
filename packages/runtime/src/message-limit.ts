/**
 * No message between a server and its clients is larger than this, bytes: what a broker's driver takes and what a decoder looks at. The same
 * for all brokers, so that a scan does not depend on which one it runs over.
 */
export const maxMessageBytes: number = 8 * 1024 * 1024;
