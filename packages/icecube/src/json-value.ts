import { IceCubeError } from "./errors.ts";

/** Parsed JSON. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

export interface JsonObject {
  [key: string]: JsonValue;
}

/**
 * Parses JSON as Python writes it: the bare tokens NaN, Infinity and -Infinity, which are no JSON, become null.
 * @throws IceCubeError `garbled`
 */
export function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    const repaired = text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (token) =>
      token.startsWith('"') ? token : "null",
    );
    if (repaired !== text) {
      try {
        return JSON.parse(repaired) as JsonValue;
      } catch {
        // The first complaint is about the text as it is.
      }
    }
    throw new IceCubeError("garbled", `no valid JSON (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
  }
}
