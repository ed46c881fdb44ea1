/** A value of a file in an error's text: whatever stands there, also nested without end, as at most a line. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  return typeof value === "object" && value !== null ? "an object or a list" : String(value);
}
