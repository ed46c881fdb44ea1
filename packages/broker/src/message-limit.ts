import { BrokerError } from "./errors.ts";

/** No message is larger than this, bytes: the same for all drivers, so that a scan does not depend on which broker it runs over. */
export const maxMessageBytes: number = 8 * 1024 * 1024;

/** The error for a message beyond {@link maxMessageBytes}, or undefined. */
export const tooLarge = (body: Uint8Array): BrokerError | undefined =>
  body.byteLength > maxMessageBytes
    ? new BrokerError(
        "full",
        `A message has ${body.byteLength} bytes; at most ${maxMessageBytes} are allowed. Send less at once.`,
      )
    : undefined;
