import { readMoreScans } from "@skyscan/protocol";
import { UsageError, createBackoff, pause } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { createStartupReader } from "./startup-reader.ts";
import type { FoundStartup, StartupReader } from "./startup-reader.ts";

/** Clients that are started beside their server have it in a moment; those that come long before look once a second. */
const polls = { firstMs: 20, maxMs: 1000, factor: 1.2, jitter: 0 };

export interface StartupWait {
  readonly waitSec: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly reader?: StartupReader;
}

/**
 * The startup files that were asked for, waited for by looking again and again (a shared file system tells nobody of changes).
 * For a directory: those that are there when the first is seen, none when they are promised (more-scans.ts). Returns undefined when the signal aborts.
 * @throws UsageError when one is still missing after `waitSec`, or is not valid.
 */
export async function waitForStartup(
  paths: readonly string[],
  options: StartupWait,
): Promise<readonly FoundStartup[] | undefined> {
  const startMs = performance.now();
  const backoff = createBackoff(polls);
  const reader = options.reader ?? createStartupReader(options.logger);
  for (let told = false; ; told = true) {
    const found = await Promise.all(paths.map((path) => reader.find(path)));
    const empty = paths.filter((_, index) => found[index]?.length === 0);
    const promised = await Promise.all(empty.map((path) => readMoreScans([path])));
    const missing = empty.filter((_, index) => promised[index] !== true);
    if (missing.length === 0) return found.flat();
    const leftMs = startMs + options.waitSec * 1000 - performance.now();
    if (leftMs <= 0) {
      throw new UsageError(
        missing.map(
          (path) =>
            `no startup file at ${path}: start the server first, name its --client-startup-json, or wait for it with --wait-for-startup-sec`,
        ),
      );
    }
    if (!told) options.logger.info({ missing, waitSec: options.waitSec }, "Waiting for the startup file");
    await pause(Math.min(backoff.next(), leftMs), options.signal);
    if (options.signal.aborted) return undefined;
  }
}
