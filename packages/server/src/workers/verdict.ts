import type { ScanState } from "../state/scan-state.ts";
import type { Workers } from "./workers.ts";

/** How many final outcomes must all have failed before the scan is given up. */
export const hopelessAfterFinals = 50;

/** What is known when the question is asked. */
export interface VerdictFacts {
  /** Units that are final, those of them that became so since this server's start, and those with a result. */
  readonly finalUnits: number;
  readonly freshFinalUnits: number;
  readonly resultUnits: number;
  /** Nothing is left to do. */
  readonly finished: boolean;
  /** Hosts that are alive, and hosts from which any result or failure came. */
  readonly aliveHosts: readonly string[];
  readonly answeredHosts: ReadonlySet<string>;
  /** Of the workers that ever came: how many are still there, and the failure codes of those that left. */
  readonly aliveWorkers: number;
  readonly goodbyes: readonly { readonly whyCode: string | undefined; readonly why: string | undefined }[];
}

export function verdictFacts(
  state: ScanState,
  resumedUnits: number,
  workers: Workers,
  answeredHosts: ReadonlySet<string>,
  finished: boolean,
): VerdictFacts {
  const { count, hosts } = workers.tally;
  return {
    finalUnits: state.finalUnits,
    freshFinalUnits: state.finalUnits - resumedUnits,
    resultUnits: state.resultUnits,
    finished,
    aliveHosts: [...hosts],
    answeredHosts,
    aliveWorkers: count,
    goodbyes: [...workers.all].filter((worker) => worker.state === "goodbye"),
  };
}

/**
 * Why nothing can succeed, or undefined while there is hope (engine-protocol, section 6): the first 50 final outcomes all failed on every host
 * that answered, and no host that is alive still owes an answer; or every client that ever came left because recos cannot start there;
 * or all is done and not one unit has a result.
 */
export function hopeless(facts: VerdictFacts): string | undefined {
  if (facts.resultUnits > 0) return undefined;
  if (facts.finished && facts.finalUnits > 0) return `all ${facts.finalUnits} units failed`;
  const everyHostAnswered = facts.aliveHosts.every((host) => facts.answeredHosts.has(host));
  if (facts.freshFinalUnits >= hopelessAfterFinals && everyHostAnswered)
    return `the first ${facts.freshFinalUnits} units that were decided all failed`;
  const troubles = facts.goodbyes.filter(({ whyCode }) => whyCode === "start-failed" || whyCode === "image-failed");
  const allLeft = facts.aliveWorkers === 0 && troubles.length > 0 && troubles.length === facts.goodbyes.length;
  if (!allLeft) return undefined;
  const last = troubles.at(-1)?.why;
  return `all ${troubles.length} clients left because the reco cannot start there${last === undefined ? "" : `, the last: ${last}`}`;
}
