import { maxMessageBytes } from "@skyscan/runtime";
import { BrokerError } from "./errors.ts";

/** The error for a message beyond {@link maxMessageBytes}, or undefined. */
export const tooLarge = (body: Uint8Array): BrokerError | undefined =>
  body.byteLength > maxMessageBytes
    ? new BrokerError(
        "full",
        `A message has ${body.byteLength} bytes; at most ${maxMessageBytes} are allowed. Send less at once.`,
      )
    : undefined;
