import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const repositoryRoot = fileURLToPath(new URL("../../../", import.meta.url));

/** Absolute path of the checkout. */
export const repositoryPath = (...parts: readonly string[]): string => resolve(repositoryRoot, ...parts);

/** Where the real event files live: `SKYSCAN_TEST_DATA`, else `../shared/data` beside the checkout. */
export const dataDirectory: string = process.env["SKYSCAN_TEST_DATA"] ?? resolve(repositoryRoot, "../shared/data");

/** Where the scripts that start real services live: `SKYSCAN_TEST_TOOLS`, else `../shared/tools` beside the checkout. */
export const toolsDirectory: string = process.env["SKYSCAN_TEST_TOOLS"] ?? resolve(repositoryRoot, "../shared/tools");

/** Absolute path of a file below the data directory. */
export const dataPath = (relative: string): string => resolve(dataDirectory, relative);

/** Services named in `SKYSCAN_TEST_REQUIRE` (comma list): for those a skip is a failure. */
export const required: ReadonlySet<string> = new Set(
  (process.env["SKYSCAN_TEST_REQUIRE"] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== ""),
);

/**
 * Why a test that needs `service` must be skipped, or undefined when it can run.
 * @throws Error when the service is missing although `SKYSCAN_TEST_REQUIRE` names it.
 */
export function skipReason(service: string, missing: string | undefined): string | undefined {
  if (missing !== undefined && required.has(service)) throw new Error(`SKYSCAN_TEST_REQUIRE names ${service}, but ${missing}`);
  return missing;
}

/** Undefined when the real event data are there, else why tests over them are skipped. */
export const dataMissing: string | undefined = skipReason(
  "data",
  existsSync(dataDirectory) ? undefined : `no real event data at ${dataDirectory} (set SKYSCAN_TEST_DATA)`,
);
