import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createFrameReader } from "../../packages/server/src/journal/frames.ts";
import { decodeRecord } from "../../packages/server/src/journal/records.ts";

/** When things were in a scan's journal on disk, on the clock of `performance.now()`. */
export interface JournalMoments {
  /** The first plan: units are sent from then on. */
  readonly plannedMs: number;
  readonly firstResultMs: number;
  readonly lastResultMs: number;
  readonly results: number;
}

/** Notes from outside how the journal of the only scan in a cache directory grows, which costs the server nothing. */
export interface JournalWatch {
  /** @throws Error when there is no result in it */
  moments(): JournalMoments;
}

const headBytes = 12;
const everyMs = 2;

/** @param cache must be a new directory. The watch ends with `signal`. */
export function watchJournal(cache: string, signal: AbortSignal): JournalWatch {
  let path: string | undefined;
  const growth: { readonly bytes: number; readonly atMs: number }[] = [];
  const look = (): void => {
    path ??= journalIn(cache);
    if (path === undefined) return;
    const bytes = statSync(path).size;
    if (bytes !== growth.at(-1)?.bytes) growth.push({ bytes, atMs: performance.now() });
  };
  const timer = setInterval(look, everyMs);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  /** When the journal had so many bytes. */
  const when = (bytes: number): number => growth.find((one) => one.bytes >= bytes)!.atMs;

  return {
    moments() {
      look();
      if (path === undefined) throw new Error(`the scan left no journal in ${cache}`);
      let [end, planned, first, last, results] = [0, 0, 0, 0, 0];
      const reader = createFrameReader((payload) => {
        end += headBytes + payload.length;
        const { type } = decodeRecord(payload);
        if (type === "plan" && planned === 0) planned = end;
        if (type !== "result") return;
        if (first === 0) first = end;
        last = end;
        results += 1;
      });
      reader.push(readFileSync(path));
      reader.end();
      if (results === 0) throw new Error(`no result in ${path}`);
      return { plannedMs: when(planned), firstResultMs: when(first), lastResultMs: when(last), results };
    },
  };
}

function journalIn(cache: string): string | undefined {
  try {
    const name = readdirSync(cache, { recursive: true }).find((one) => String(one).endsWith("/journal"));
    return name === undefined ? undefined : join(cache, String(name));
  } catch {
    return undefined;
  }
}
