import { readFile, readdir } from "node:fs/promises";
import { childrenOf } from "./descendants.ts";

interface Seen {
  readonly command: string;
  /** Start time in clock ticks since boot: a pid alone is used again. */
  readonly startTicks: string;
}

async function look(pid: number): Promise<(Seen & { readonly state: string }) | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ").trim();
    return { command, startTicks: fields[19]!, state: fields[0]! };
  } catch {
    return undefined;
  }
}

/** Remembers processes and whatever they were seen to start, to find out at the end whether anything was left behind. Linux only. */
export interface ProcessFamily {
  add(pid: number): void;
  /** Looks for children of those that are known. */
  sample(): Promise<void>;
  /** Those of them that still run, and every process whose environment holds `mark`: pid and command. */
  alive(mark: string): Promise<readonly string[]>;
}

export function createProcessFamily(): ProcessFamily {
  const known = new Map<number, Seen | undefined>();

  const isSame = (now: Seen & { readonly state: string }, then: Seen): boolean =>
    now.startTicks === then.startTicks && now.state !== "Z";

  return {
    add: (pid) => void known.set(pid, undefined),
    async sample() {
      for (const pid of [...known.keys()]) {
        for (const child of await childrenOf(pid)) {
          const seen = await look(child);
          if (seen !== undefined && known.get(child)?.startTicks !== seen.startTicks) known.set(child, seen);
        }
      }
    },
    async alive(mark) {
      const left: string[] = [];
      for (const name of await readdir("/proc")) {
        if (!/^\d+$/.test(name)) continue;
        const pid = Number(name);
        const then = known.get(pid);
        const now = await look(pid);
        if (now === undefined || now.state === "Z") continue;
        const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
        if ((then !== undefined && isSame(now, then)) || environment.includes(mark)) left.push(`${pid} ${now.command}`);
      }
      return left;
    },
  };
}
