import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** One result in the journal: frame and payload (server/journal-records). */
export const recordBytes = 91;

/** The journal of the only scan in a cache directory, waited for. */
export async function journalIn(cache: string): Promise<string> {
  for (;;) {
    const files = await readdir(cache, { recursive: true }).catch(() => []);
    const found = files.find((name) => name.endsWith("/journal"));
    if (found !== undefined) return join(cache, found);
    await wait(20);
  }
}

/**
 * Resolves when so many results are in the journal on disk, as its length says, which costs the server nothing.
 * Returns how many there are, and when that was.
 */
export async function grownTo(journal: string, results: number): Promise<{ readonly results: number; readonly atMs: number }> {
  for (;;) {
    // Seldom: what looks takes part of the processors that it measures.
    const grown = statSync(journal).size / recordBytes;
    if (grown >= results) return { results: grown, atMs: performance.now() };
    await wait(20);
  }
}
