import { IceCubeError } from "./errors.ts";

/** Parsed JSON. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

export interface JsonObject {
  [key: string]: JsonValue;
}

/** A whole string or, so that no text is gone through twice, one that does not end; or a bare token. */
const stringsAndBareTokens = /"[^"\\]*(?:\\(?:[^]|$)[^"\\]*)*(?:"|$)|-?\bInfinity\b|\bNaN\b/g;

/**
 * Parses JSON as Python writes it: the bare tokens NaN, Infinity and -Infinity, which are no JSON, become null.
 * @throws IceCubeError `garbled`
 */
export function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    try {
      const repaired = text.replace(stringsAndBareTokens, (token) => (token.startsWith('"') ? token : "null"));
      if (repaired !== text) return JSON.parse(repaired) as JsonValue;
    } catch {
      // The first complaint is about the text as it is.
    }
    throw new IceCubeError("garbled", `no valid JSON (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
  }
}
