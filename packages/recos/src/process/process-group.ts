import { readFile, readdir } from "node:fs/promises";
import { pause } from "@skyscan/runtime";

/** Asking the kernel for the group is cheap; looking through all processes of the machine is not. */
const pollMs = 20;
const firstLookMs = 100;
const maxLookMs = 1_000;

/** Sends a signal (0: just asks) to every process of a group; false when there is none left. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a process of the group still runs. The dead ones that nobody has reaped do not count: where the first process of a
 * container reaps nobody, they stay for ever, and the kernel still finds them.
 */
async function groupRuns(group: number): Promise<boolean> {
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
  const startedMs = performance.now();
  let lookAfterMs = firstLookMs;
  for (;;) {
    if (!signalGroup(group, 0)) return true;
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs >= Math.min(lookAfterMs, ms)) {
      if (!(await groupRuns(group))) return true;
      if (elapsedMs >= ms) return false;
      lookAfterMs = elapsedMs + Math.min(maxLookMs, elapsedMs);
    }
    await pause(Math.min(pollMs, Math.max(1, ms - elapsedMs)));
  }
}
