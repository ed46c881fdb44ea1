import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf } from "./errors.ts";
import { hostName } from "./environment.ts";
import { startTicksOf } from "./process-start.ts";

const hostWord = (): string => hostName().replace(/[^A-Za-z0-9-]/g, "_");

/** Tells this process's names from those of one before it with the same pid, as in a container. */
const own = randomBytes(4).toString("hex");
let made = 0;

/**
 * A new name beside `path`, for what becomes `path` by rename or is removed at once: `.NAME.HOST.PID.RANDOM.tmp`. Who finds one knows whether
 * its maker still lives.
 */
export function temporaryName(path: string): string {
  made = (made + 1) % 2 ** 32;
  const random = own + made.toString(16).padStart(8, "0");
  return join(dirname(path), `.${basename(path)}.${hostWord()}.${process.pid}.${random}.tmp`);
}

/**
 * Removes files and directories with such names that dead processes of this host left in a directory, also one before this that had its pid.
 * What cannot be removed stays.
 */
export async function sweepTemporaryNames(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    const [, host, pid, random = ""] = /^\..+\.([A-Za-z0-9_-]+)\.(\d+)\.((?:[0-9a-f]{8}){1,2})\.tmp$/.exec(name) ?? [];
    if (host !== hostWord() || makerLives(Number(pid), random)) continue;
    await rm(join(directory, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function makerLives(pid: number, random: string): boolean {
  if (pid === process.pid) return random.startsWith(own);
  try {
    process.kill(pid, 0);
    // One that was killed and that nobody has reaped yet can be signalled, too; without /proc that cannot be told.
    return startTicksOf(pid) !== undefined || startTicksOf(process.pid) === undefined;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}
