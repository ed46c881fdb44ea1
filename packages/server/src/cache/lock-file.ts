import { readFileSync } from "node:fs";
import { link, mkdir, readFile, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { codeOf, hostName, pause, temporaryName } from "@skyscan/runtime";
import { ServerError } from "../errors.ts";

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Start time of the process in clock ticks since boot (proc(5), field 22): a pid alone is used again. */
  readonly startTicks: string;
}

/** Start time of a process, or undefined when there is none (or no /proc). */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock of one scan's cache directory. A dead holder of this host is replaced; a live one, or one of another host, is an error
 * unless `takeOver` (which never helps against a live process of this host).
 * @throws ServerError `locked`.
 */
export async function takeLockFile(path: string, takeOver: boolean): Promise<{ release(): Promise<void> }> {
  const own: Holder = { host: hostName(), pid: process.pid, startTicks: startTicksOf(process.pid) ?? "unknown" };
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const prepared = temporaryName(path);
    try {
      // A link appears with its content: a lock that exists but is still empty would look abandoned.
      await writeFile(prepared, JSON.stringify(own), { mode: 0o644 });
      await link(prepared, path);
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw new ServerError("storage", `the lock ${path} cannot be made`, { cause: error });
    } finally {
      await rm(prepared, { force: true });
    }
    const seen = await textOf(path);
    const holder = holderOf(seen);
    if (holder !== undefined && holder.host === own.host) {
      const alive = startTicksOf(holder.pid) === holder.startTicks;
      if (alive)
        throw new ServerError("locked", `another server (process ${holder.pid} on this host) works on this scan: ${path}`);
    } else if (holder !== undefined && !takeOver) {
      throw new ServerError(
        "locked",
        `a server on host ${holder.host} (process ${holder.pid}) holds ${path}; if it is surely gone, start again with --take-over`,
      );
    }
    if (seen !== undefined) await breakLock(path, seen);
  }
  throw new ServerError("locked", `the lock ${path} changes hands all the time: is another server starting?`);
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
function holderOf(text: string | undefined): Holder | undefined {
  try {
    const { host, pid, startTicks } = (JSON.parse(text ?? "null") ?? {}) as Partial<Holder>;
    return typeof host === "string" && typeof pid === "number" && typeof startTicks === "string"
      ? { host, pid, startTicks }
      : undefined;
  } catch {
    return undefined;
  }
}
