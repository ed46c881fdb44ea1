import { SkymapError } from "../result/errors.ts";

/**
 * Loads a library that only one format needs.
 * @throws SkymapError `unavailable` that names the fix
 */
export async function loadLibrary<T>(name: string, forWhat: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new SkymapError(
      "unavailable",
      `${forWhat} pictures need ${name}, which does not load on this machine (${(cause as Error).message}): ` +
        `install it where Skyscan is (npm install ${name}), or take svg, which needs nothing`,
      { cause },
    );
  }
}
