import { readFileSync, writeFileSync } from "node:fs";

/** Forgets the peak so far, where the system lets a process do so (proc(5), clear_refs). */
export function forgetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Then the peak is that of the whole process, which is on the safe side.
  }
}

/** Most memory that was resident since `forgetPeak`, MB. */
export function peakMb(): number {
  const kilobytes = /^VmHWM:\s*([0-9]+) kB$/m.exec(procStatus())?.[1];
  return Math.round(kilobytes === undefined ? process.resourceUsage().maxRSS / 1024 : Number(kilobytes) / 1024);
}

function procStatus(): string {
  try {
    return readFileSync("/proc/self/status", "latin1");
  } catch {
    return "";
  }
}
