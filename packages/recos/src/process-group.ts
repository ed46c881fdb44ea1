import { readFile, readdir } from "node:fs/promises";
import { pause } from "@skyscan/runtime";

const pollMs = 20;

/** Sends a signal to every process of a group; false when there is none left. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a process of the group still runs. The dead ones that nobody has reaped do not count: where the first process of a
 * container reaps nobody, they stay for ever.
 */
async function groupRuns(group: number): Promise<boolean> {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  for (const entry of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    // "pid (name) state ppid pgrp …"; the name may hold spaces and parentheses.
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(pgrp) === group && state !== "Z" && state !== "X") return true;
  }
  return false;
}

/** Waits until no process of the group runs; false when some still do after `ms`. */
export async function groupGone(group: number, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  for (;;) {
    if (!(await groupRuns(group))) return true;
    if (performance.now() >= deadline) return false;
    await pause(pollMs);
  }
}
