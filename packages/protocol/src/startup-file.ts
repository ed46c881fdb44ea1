import { open } from "node:fs/promises";
import { UsageError, codeOf, parseForeignJson, writeFileAtomically } from "@skyscan/runtime";
import { startupFileSchema } from "./startup.ts";
import type { StartupFile } from "./startup.ts";

/** Largest startup file that is read, bytes. */
const maxStartupBytes = 64 * 1024 * 1024;

/** Written to a temporary name and renamed: who sees it sees all of it. */
export const writeStartupFile = (path: string, startup: StartupFile): Promise<void> =>
  writeFileAtomically(path, `${JSON.stringify(startup)}\n`);

/** A startup file and the user whose it is: who wrote it decides what a client follows. */
export interface OwnedStartupFile {
  readonly startup: StartupFile;
  /** User id of the file's owner. */
  readonly owner: number;
}

/**
 * A validated startup file with its owner, or undefined when there is none.
 * @throws UsageError naming the file and the key when it is not what it should be.
 */
export async function readStartupFileOf(path: string): Promise<OwnedStartupFile | undefined> {
  let content: string;
  let owner: number;
  try {
    const file = await open(path, "r");
    try {
      const about = await file.stat();
      if (about.size > maxStartupBytes) throw new UsageError(`startup file ${path} is larger than ${maxStartupBytes} bytes`);
      owner = about.uid;
      content = await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (codeOf(error) === "ENOENT") return undefined;
    throw new UsageError(`startup file ${path} cannot be read`, { cause: error });
  }
  return { startup: parse(path, content), owner };
}

/** As `readStartupFileOf`, without the owner. */
export const readStartupFile = async (path: string): Promise<StartupFile | undefined> => (await readStartupFileOf(path))?.startup;

function parse(path: string, content: string): StartupFile {
  let value: unknown;
  try {
    value = parseForeignJson(content);
  } catch (error) {
    throw new UsageError(`startup file ${path} is not JSON that can be read`, { cause: error });
  }
  const parsed = startupFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, 5)
    .map((issue) => `startup file ${path}: ${issue.path.join(".")}: ${issue.message}`);
  throw new UsageError(problems);
}
