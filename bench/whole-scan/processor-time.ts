import { readFileSync } from "node:fs";

/** What a process of a scan on this machine is there for; `export` makes maps and pictures of the result. */
export type Role = "server" | "client" | "reco" | "export";

/** Processor seconds by role. */
export type ProcessorTime = Readonly<Record<Role, number>>;

/** Looks at a process and all that it starts, from outside. Linux only. */
export interface ProcessorWatch {
  /** Up to the last look at or before a moment of `performance.now()`. */
  before(atMs: number): ProcessorTime;
}

const everyMs = 25;
const ticksPerSec = 100;

interface Seen {
  readonly role: Role;
  readonly sec: number;
}

/**
 * Each process's own time is added, never the time of children that it waited for: a child is counted as itself, as it was at the last
 * look. What a process did between the last look and its end is lost, at most 25 ms of each. The watch ends with `signal`.
 */
export function watchProcessorTime(pid: number, signal: AbortSignal): ProcessorWatch {
  const seen = new Map<number, Seen>();
  const looks: { readonly atMs: number; readonly time: ProcessorTime }[] = [];
  const visit = (one: number, parent: Role | undefined): void => {
    const sec = secondsOf(one);
    if (sec === undefined) return;
    const role = roleOf(one, parent) ?? seen.get(one)?.role ?? parent ?? "server";
    seen.set(one, { role, sec });
    for (const child of childrenOf(one)) visit(child, role);
  };
  const look = (): void => {
    visit(pid, undefined);
    const time = { server: 0, client: 0, reco: 0, export: 0 };
    for (const { role, sec } of seen.values()) time[role] += sec;
    looks.push({ atMs: performance.now(), time });
  };
  const timer = setInterval(look, everyMs);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  return {
    before: (atMs) => looks.findLast((one) => one.atMs <= atMs)?.time ?? { server: 0, client: 0, reco: 0, export: 0 },
  };
}

function secondsOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSec;
  } catch {
    return undefined;
  }
}

/** A child of a client is a reco, whatever it is; others say what they are. Undefined of a process that has ended and is not yet reaped. */
function roleOf(pid: number, parent: Role | undefined): Role | undefined {
  if (parent === undefined) return "server";
  if (parent === "client" || parent === "reco") return "reco";
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
    if (words.length === 1) return undefined;
    if (words.includes("client")) return "client";
    return words.includes("export") ? "export" : parent;
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1")
      .split(" ")
      .filter((word) => word !== "")
      .map(Number);
  } catch {
    return [];
  }
}
