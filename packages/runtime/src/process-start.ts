import { readFileSync } from "node:fs";

/**
 * When a process was started, in clock ticks since boot (proc(5), field 22): a process id alone is used again. Undefined when there is no such
 * process, it only waits to be reaped, or there is no /proc.
 */
export function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // "pid (name) state …"; the name may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
