import { createHash } from "node:crypto";
import { ProtocolError, decodeWork } from "@skyscan/protocol";
import type { WorkMessage } from "@skyscan/protocol";

/** So much of a message that cannot be read is hashed for the log, bytes. */
const hashedBytes = 200;

/**
 * A work message of this scan.
 * @throws ProtocolError whose text has the size and the SHA-256 of the first 200 bytes, so that two of a kind are recognised without showing what is in them.
 */
export function readWork(body: Uint8Array, scan: string): WorkMessage {
  try {
    const message = decodeWork(body);
    if (message.scan !== scan) throw new ProtocolError("invalid", `a work message of the scan ${message.scan}, not of ${scan}`);
    return message;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const hash = createHash("sha256").update(body.subarray(0, hashedBytes)).digest("hex");
    throw new ProtocolError(
      error.code,
      `${error.message} (${body.byteLength} bytes, sha256 of the first ${hashedBytes}: ${hash})`,
      {
        cause: error.cause,
      },
    );
  }
}
