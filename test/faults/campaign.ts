import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { faultNamed } from "./catalogue.ts";
import { startKeptBroker } from "./kept-broker.ts";
import type { Reference } from "./reference.ts";
import { runPlan } from "./run.ts";
import type { RunResult } from "./run.ts";
import type { RunPlan } from "./run-plan.ts";

export interface CampaignOptions {
  readonly driver: string;
  readonly plans: readonly RunPlan[];
  readonly reference: Reference;
  /** Runs at the same time. */
  readonly jobs: number;
  /** Each run has a directory here; kept when it failed. */
  readonly directory: string;
  /** Directories of runs that survived are kept, too. */
  readonly keep: boolean;
  readonly onResult: (result: RunResult) => void;
  /** No further run begins. */
  readonly stop?: AbortSignal;
  /** Those that run are ended; they have failed then. */
  readonly breakOff?: AbortSignal;
}

/** Runs all plans of one driver, several at a time, each job with a broker of its own; resolves with what became of them. */
export async function runCampaign(options: CampaignOptions): Promise<readonly RunResult[]> {
  const { driver, plans, reference, directory } = options;
  const waiting = [...plans];
  const results: RunResult[] = [];

  async function job(): Promise<void> {
    const broker = await startKeptBroker(driver);
    try {
      for (let plan = waiting.shift(); plan !== undefined && options.stop?.aborted !== true; plan = waiting.shift()) {
        const own = join(directory, `${driver}-${plan.number}`);
        await mkdir(own, { recursive: true });
        const result = await runPlan({ plan, directory: own, reference, broker }, faultNamed, options.breakOff);
        if (result.problems.length === 0 && !options.keep) await rm(own, { recursive: true, force: true });
        results.push(result);
        options.onResult(result);
      }
    } finally {
      await broker?.stop();
    }
  }

  await Promise.all(Array.from({ length: Math.min(options.jobs, plans.length) }, job));
  return results;
}
