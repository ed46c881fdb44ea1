/** A worker must have failed this often in a row before it is looked at. */
const minFailuresInRow = 5;
/** The others must have shown that it can be done. */
const minSuccessesOfOthers = 5;
/** It must leave when so many failures in a row would be this unlikely for a worker like the others. */
const unlikely = 1e-5;

interface Record {
  failuresInRow: number;
  outcomes: number;
  failures: number;
  told: boolean;
}

/**
 * Who fails what others do. A worker is told to leave when its failures in a row cannot be chance at the rate at which the *others* fail
 * (a reco that fails everywhere condemns nobody).
 */
export interface Quarantine {
  /** Counts an outcome; returns why the worker must leave, once, when it must. */
  outcome(worker: string, failed: boolean): string | undefined;
}

export function createQuarantine(): Quarantine {
  const workers = new Map<string, Record>();
  let outcomes = 0;
  let failures = 0;

  return {
    outcome(worker, failed) {
      const record = workers.get(worker) ?? { failuresInRow: 0, outcomes: 0, failures: 0, told: false };
      workers.set(worker, record);
      outcomes += 1;
      record.outcomes += 1;
      if (!failed) {
        record.failuresInRow = 0;
        return undefined;
      }
      failures += 1;
      record.failures += 1;
      record.failuresInRow += 1;
      if (record.told || record.failuresInRow < minFailuresInRow) return undefined;
      const othersOutcomes = outcomes - record.outcomes;
      const othersFailures = failures - record.failures;
      if (othersOutcomes - othersFailures < minSuccessesOfOthers) return undefined;
      const othersRate = (othersFailures + 1) / (othersOutcomes + 2);
      if (othersRate ** record.failuresInRow > unlikely) return undefined;
      record.told = true;
      return `${record.failuresInRow} failures in a row, while the other workers fail ${(100 * othersRate).toFixed(1)} % of ${othersOutcomes}`;
    },
  };
}
