import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { SkymapError, type SkymapErrorCode } from "./errors.ts";
import type { ResultFacts } from "./findings.ts";
import { writeResultExtras } from "./result-extras.ts";
import type { Skymap } from "./skymap.ts";

/** What the thread is given. */
export interface ExtrasJob {
  readonly directory: string;
  readonly skymap: Skymap;
  readonly facts: ResultFacts;
}

/** What the thread answers: paths, or what makes a SkymapError. */
export type ExtrasOutcome =
  | { readonly paths: readonly string[] }
  | {
      readonly code: SkymapErrorCode;
      readonly message: string;
      readonly cause: unknown;
      /** Code of the cause (`ENOSPC`, …), which is lost when an Error is posted. */
      readonly causeCode: string | undefined;
    };

/**
 * {@link writeResultExtras} in a thread of its own, so that the caller's event loop goes on meanwhile. The result is copied. From TypeScript
 * sources, which a thread cannot load, it runs in this thread.
 * @throws SkymapError as {@link writeResultExtras}; Error when the thread ends without an answer
 */
export async function writeExtrasInWorker(directory: string, skymap: Skymap, facts: ResultFacts): Promise<readonly string[]> {
  if (import.meta.url.endsWith(".ts")) return writeResultExtras(directory, skymap, facts);
  const worker = new Worker(new URL("./extras-worker.js", import.meta.url), {
    workerData: { directory, skymap, facts } satisfies ExtrasJob,
    // Loaders and conditions of this process are for its sources; the thread runs what was built.
    execArgv: [],
  });
  const ended = once(worker, "exit");
  try {
    const outcome = await Promise.race([
      // Rejects when the thread throws.
      once(worker, "message").then(([message]) => message as ExtrasOutcome),
      ended.then(([code]) => {
        throw new Error(`the thread that writes result files ended with code ${code} and no answer`);
      }),
    ]);
    if ("paths" in outcome) return outcome.paths;
    const { code, message, cause, causeCode } = outcome;
    if (cause instanceof Error && causeCode !== undefined) Object.assign(cause, { code: causeCode });
    throw new SkymapError(code, message, { cause });
  } finally {
    await worker.terminate();
  }
}
