/** What some workers are together. */
export interface WorkerTally {
  readonly count: number;
  /** Fits that they can run at once, and units that they take ahead beside them. */
  readonly slots: number;
  readonly lookahead: number;
  readonly hosts: ReadonlySet<string>;
}

/** What the tally is made of. */
interface Counted {
  readonly host: string;
  readonly slots: number;
  readonly lookahead: number;
}

export function tallyOf(workers: readonly Counted[]): WorkerTally {
  let slots = 0;
  let lookahead = 0;
  for (const worker of workers) {
    slots += worker.slots;
    lookahead += worker.lookahead;
  }
  return { count: workers.length, slots, lookahead, hosts: new Set(workers.map((worker) => worker.host)) };
}
