/** So often in a row a worker, or all workers of a host together, must have failed before they are looked at. */
export const minFailuresInRow = 5;
/** The others must have shown that it can be done. */
const minSuccessesOfOthers = 5;
/** It must leave when so many failures in a row would be this unlikely for a worker like the others. */
const unlikely = 1e-5;

interface Tally {
  failuresInRow: number;
  outcomes: number;
  failures: number;
}

interface WorkerTally extends Tally {
  readonly host: string;
  told: boolean;
}

export interface QuarantineVerdict {
  readonly worker: string;
  readonly host: string;
  readonly why: string;
}

/**
 * Who fails what others do. A worker is told to leave when its failures in a row, or those of its host, cannot be chance at the rate at which
 * the *others* fail (a reco that fails everywhere condemns nobody). A host keeps its record when its client is started again: what the new one
 * fails continues the row, until a fit succeeds there.
 */
export interface Quarantine {
  /** Counts an outcome; returns who must leave, each worker once. A success of one may be what condemns another. */
  outcome(worker: string, host: string, failed: boolean): readonly QuarantineVerdict[];
  /** A host whose client was told to leave before this server's start. */
  remember(host: string): void;
}

export function createQuarantine(): Quarantine {
  const workers = new Map<string, WorkerTally>();
  const hosts = new Map<string, Tally>();
  /** Workers that failed last, in a row that is long enough to be looked at. */
  const suspects = new Set<string>();
  const all: Tally = { failuresInRow: 0, outcomes: 0, failures: 0 };

  const count = (tally: Tally, failed: boolean): void => {
    tally.outcomes += 1;
    tally.failures += failed ? 1 : 0;
    tally.failuresInRow = failed ? tally.failuresInRow + 1 : 0;
  };

  function hostTally(host: string): Tally {
    const known = hosts.get(host) ?? { failuresInRow: 0, outcomes: 0, failures: 0 };
    hosts.set(host, known);
    return known;
  }

  /** Why this row is no chance, or undefined. */
  function condemned(who: Tally, where: string, others: string): string | undefined {
    if (who.failuresInRow < minFailuresInRow) return undefined;
    const othersOutcomes = all.outcomes - who.outcomes;
    const othersFailures = all.failures - who.failures;
    if (othersOutcomes - othersFailures < minSuccessesOfOthers) return undefined;
    const othersRate = (othersFailures + 1) / (othersOutcomes + 2);
    if (othersRate ** who.failuresInRow > unlikely) return undefined;
    return `${who.failuresInRow} failures in a row${where}, while the other ${others} fail ${(100 * othersRate).toFixed(1)} % of ${othersOutcomes}`;
  }

  function judge(worker: string): readonly QuarantineVerdict[] {
    const tally = workers.get(worker)!;
    const { host } = tally;
    const why = condemned(tally, "", "workers") ?? condemned(hostTally(host), ` on ${host}`, "hosts");
    if (why === undefined) return [];
    tally.told = true;
    suspects.delete(worker);
    return [{ worker, host, why }];
  }

  return {
    outcome(worker, host, failed) {
      const tally = workers.get(worker) ?? { host, failuresInRow: 0, outcomes: 0, failures: 0, told: false };
      workers.set(worker, tally);
      const ofHost = hostTally(host);
      for (const one of [all, tally, ofHost]) count(one, failed);
      const row = Math.max(tally.failuresInRow, ofHost.failuresInRow);
      if (failed && !tally.told && row >= minFailuresInRow) suspects.add(worker);
      else suspects.delete(worker);
      return suspects.size === 0 ? [] : [...suspects].flatMap(judge);
    },
    remember(host) {
      const tally = hostTally(host);
      tally.failuresInRow = Math.max(tally.failuresInRow, minFailuresInRow);
    },
  };
}
