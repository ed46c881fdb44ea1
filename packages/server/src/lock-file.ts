import { readFileSync } from "node:fs";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { codeOf, hostName } from "@skyscan/runtime";
import { ServerError } from "./errors.ts";

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
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const prepared = `${path}.${process.pid}`;
    try {
      // A link appears with its content: a lock that exists but is still empty would look abandoned.
      await writeFile(prepared, JSON.stringify(own));
      await link(prepared, path);
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw new ServerError("storage", `the lock ${path} cannot be made`, { cause: error });
    } finally {
      await rm(prepared, { force: true });
    }
    const holder = await readHolder(path);
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
    await rm(path, { force: true });
  }
  throw new ServerError("locked", `the lock ${path} changes hands all the time: is another server starting?`);
}

/** Who holds it; undefined when the file is gone by now or is no lock. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}
