import { link, mkdir, readFile, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { hostName } from "./environment.ts";
import { codeOf } from "./errors.ts";
import { startTicksOf } from "./process-start.ts";
import { temporaryName } from "./temporary-name.ts";
import { pause } from "./waiting.ts";

/** Who holds a lock. */
export interface LockHolder {
  readonly host: string;
  readonly pid: number;
  /** When the process was started, clock ticks since boot: a process id alone is used again. */
  readonly startTicks: string;
}

/** Taken, or held by a process that lives on this host, or by one of another host, of which nobody here knows whether it lives. */
export type LockAttempt =
  | { readonly kind: "taken"; release(): Promise<void> }
  | { readonly kind: "held"; readonly holder: LockHolder; readonly here: boolean };

/**
 * Takes a lock that is a file. That of a dead process of this host is replaced, and a damaged one; that of another host where
 * `takeOver` says so. Of many that try at once exactly one has it. Undefined when the lock changes hands all the time.
 * Rejects with Node's error when it cannot be made.
 */
export async function tryProcessLock(
  path: string,
  takeOver: (holder: LockHolder) => boolean | Promise<boolean>,
): Promise<LockAttempt | undefined> {
  const own: LockHolder = { host: hostName(), pid: process.pid, startTicks: startTicksOf(process.pid) ?? "unknown" };
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const prepared = temporaryName(path);
    try {
      // A link appears with its content: a lock that exists but is still empty would look abandoned.
      await writeFile(prepared, JSON.stringify(own), { mode: 0o644 });
      await link(prepared, path);
      return { kind: "taken", release: () => rm(path, { force: true }) };
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    } finally {
      await rm(prepared, { force: true });
    }
    const seen = await textOf(path);
    const holder = holderOf(seen);
    if (holder !== undefined && holder.host === own.host) {
      if (startTicksOf(holder.pid) === holder.startTicks) return { kind: "held", holder, here: true };
    } else if (holder !== undefined && !(await takeOver(holder))) return { kind: "held", holder, here: false };
    if (seen !== undefined) await breakLock(path, seen);
  }
  return undefined;
}

/** Removing a lock takes microseconds: who is still at it after this long died on the way. */
const breakingMs = 10_000;

/** Removes the lock that was seen, one process at a time: another that saw it too must not remove the lock which took its place. */
async function breakLock(path: string, seen: string): Promise<void> {
  const breaking = `${path}.breaking`;
  try {
    await mkdir(breaking);
  } catch {
    const sinceMs = await stat(breaking).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (Date.now() - sinceMs > breakingMs) await rmdir(breaking).catch(() => undefined);
    await pause(20);
    return;
  }
  try {
    if ((await textOf(path)) === seen) await rm(path, { force: true });
  } finally {
    await rmdir(breaking).catch(() => undefined);
  }
}

/** What stands in the lock; undefined when it is gone by now. */
const textOf = (path: string): Promise<string | undefined> => readFile(path, "utf8").catch(() => undefined);

/** Who holds it; undefined when that is no lock. */
function holderOf(text: string | undefined): LockHolder | undefined {
  try {
    const { host, pid, startTicks } = (JSON.parse(text ?? "null") ?? {}) as Partial<LockHolder>;
    return typeof host === "string" && typeof pid === "number" && typeof startTicks === "string"
      ? { host, pid, startTicks }
      : undefined;
  } catch {
    return undefined;
  }
}
