import { SkymapError } from "./errors.ts";
import { metadataFields, noEventType, type LevelMetadata, type MetadataField } from "./metadata.ts";
import { shown } from "./shown.ts";
import type { WritableLevel } from "./skymap.ts";

/** Value of a metadata field of a level, as it goes into files. The level must have metadata, except for its nside. */
export function metadataValue(level: WritableLevel, field: MetadataField): number | boolean | string | undefined {
  return field.key === "nside" ? level.nside : level.metadata?.[field.key];
}

/**
 * Metadata of a level from the named values of a file; undefined when neither run nor event is named (files that only say their nside).
 * @throws SkymapError `invalid` for a field that is missing or of the wrong type
 */
export function levelMetadataFrom(values: Readonly<Record<string, unknown>>): LevelMetadata | undefined {
  if (values["run_id"] === undefined && values["event_id"] === undefined) return undefined;
  const result: Record<string, unknown> = {};
  for (const { name, key, kind, optional } of metadataFields) {
    if (key === "nside") continue;
    const value = values[name] === null && kind === "text" ? noEventType : values[name];
    if (value === undefined && optional) {
      result[key] = undefined;
      continue;
    }
    const fits =
      kind === "text"
        ? typeof value === "string"
        : kind === "boolean"
          ? typeof value === "boolean"
          : typeof value === "number" && (kind === "float" || Number.isSafeInteger(value));
    if (!fits)
      throw new SkymapError(
        "invalid",
        `metadata ${name} is ${value === undefined ? "missing" : shown(value)}; expected ${kind === "text" ? "a text" : `a value of type ${kind}`}`,
      );
    // It becomes part of file names.
    if (key === "eventType" && !/^[^\p{Cc}/\\]{0,64}$/u.test(String(value)))
      throw new SkymapError("invalid", `metadata ${name} is ${shown(value)}; at most 64 characters without slashes are allowed`);
    result[key] = value;
  }
  const version = result["version"];
  if (version !== undefined && version !== 0 && version !== 1) {
    throw new SkymapError("invalid", `format version ${shown(version)} is not known; 0 and 1 are`);
  }
  return result as unknown as LevelMetadata;
}
