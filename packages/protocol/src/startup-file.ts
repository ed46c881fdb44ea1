import { readFile } from "node:fs/promises";
import { UsageError, codeOf, writeFileAtomically } from "@skyscan/runtime";
import { startupFileSchema } from "./startup.ts";
import type { StartupFile } from "./startup.ts";

/** Largest startup file that is read, bytes. */
const maxStartupBytes = 64 * 1024 * 1024;

/** Written to a temporary name and renamed: who sees it sees all of it. */
export const writeStartupFile = (path: string, startup: StartupFile): Promise<void> =>
  writeFileAtomically(path, `${JSON.stringify(startup)}\n`);

/**
 * A validated startup file, or undefined when there is none.
 * @throws UsageError naming the file and the key when it is not what it should be.
 */
export async function readStartupFile(path: string): Promise<StartupFile | undefined> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new UsageError(`startup file ${path} cannot be read`, { cause: error });
  }
  if (content.length > maxStartupBytes) throw new UsageError(`startup file ${path} is larger than ${maxStartupBytes} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new UsageError(`startup file ${path} is not JSON`, { cause: error });
  }
  const parsed = startupFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, 5)
    .map((issue) => `startup file ${path}: ${issue.path.join(".")}: ${issue.message}`);
  throw new UsageError(problems);
}
