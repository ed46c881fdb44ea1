import { createOneshotRunner } from "./oneshot/oneshot-runner.ts";
import type { RunnerOptions } from "./process/runner-options.ts";
import type { Runner } from "./runner/runner.ts";
import { createStreamRunner } from "./stream/stream-runner.ts";

/** The runner that a reco's manifest asks for, one per slot. Nothing is started before its first run. */
export function createRunner(options: RunnerOptions): Runner {
  switch (options.reco.manifest.run.mode) {
    case "stream":
      return createStreamRunner(options);
    case "oneshot":
      return createOneshotRunner(options);
  }
}
