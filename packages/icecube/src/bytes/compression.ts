import { deflateSync, inflateSync } from "node:zlib";
import { IceCubeError } from "../errors.ts";

/** No frame of a real event is larger than 1 MB; what unpacks to more than this, all frames together, is no event. */
export const maxFrameBytes: number = 32 * 1024 * 1024;

/**
 * Standard base64, padded, in one line.
 * @throws IceCubeError `garbled`
 */
export function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  // Buffer skips what is no base64; a text that does not come back had something else in it.
  if (bytes.toString("base64") !== text) {
    throw new IceCubeError("garbled", `${text.length} characters are not base64 (standard alphabet, padded, one line)`);
  }
  return bytes;
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/**
 * Unpacks base64 of a zlib stream, at most `maxBytes` of it.
 * @throws IceCubeError `garbled`, `truncated`, `too-large`
 */
export function inflateBase64(text: string, maxBytes: number = maxFrameBytes): Uint8Array {
  const packed = fromBase64(text);
  try {
    return inflateSync(packed, { maxOutputLength: maxBytes });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new IceCubeError("too-large", `unpacks to more than ${maxBytes} bytes`, { cause });
    if (code === "Z_BUF_ERROR") throw new IceCubeError("truncated", "the zlib stream ends too early", { cause });
    throw new IceCubeError("garbled", `no valid zlib stream (${cause instanceof Error ? cause.message : String(cause)})`, {
      cause,
    });
  }
}

export function deflateBase64(bytes: Uint8Array): string {
  return deflateSync(bytes, { level: 9 }).toString("base64");
}
