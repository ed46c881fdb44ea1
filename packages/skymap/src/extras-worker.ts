/* What runs in the thread that writeExtrasInWorker starts: writes the files and posts their paths, or what went wrong. */
import { parentPort, workerData } from "node:worker_threads";
import { SkymapError } from "./errors.ts";
import type { ExtrasJob, ExtrasOutcome } from "./extras-in-worker.ts";
import { writeResultExtras } from "./result-extras.ts";

const { directory, skymap, facts } = workerData as ExtrasJob;
let outcome: ExtrasOutcome;
try {
  outcome = { paths: await writeResultExtras(directory, skymap, facts) };
} catch (error) {
  if (!(error instanceof SkymapError)) throw error;
  const { code, message, cause } = error;
  outcome = { code, message, cause, causeCode: (cause as NodeJS.ErrnoException | undefined)?.code };
}
parentPort!.postMessage(outcome);
