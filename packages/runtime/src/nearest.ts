import { closest, distance } from "fastest-levenshtein";

/** The known name that is nearest to a mistyped one, or undefined when none is near enough to be meant. */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(given, known);
  return distance(given, candidate) <= Math.max(2, Math.floor(given.length / 3)) ? candidate : undefined;
}
