/** Events that are no progress but that an operator wants to see; in the manifest under `counters`. */
export interface Counters {
  /** Outcomes of units that were final already. */
  duplicates: number;
  /** Messages or outcomes that belong to no unit of this scan. */
  foreign: number;
  /** Messages that could not be decoded or validated. */
  invalid: number;
  failures: number;
  declined: number;
  holding: number;
  /** Units that came to the dead-letter queue. */
  dead: number;
  /** Units published again because their worker or their message was lost. */
  republished: number;
  /** Copies of late units: how many went out, how many came before the late one, and the seconds that all of them took. */
  copiesSent: number;
  copiesWon: number;
  copiesSec: number;
  workersLost: number;
  workersToldToLeave: number;
  brokerReconnects: number;
  brokerEmptied: number;
  brokerBlocked: number;
}

export const createCounters = (): Counters => ({
  duplicates: 0,
  foreign: 0,
  invalid: 0,
  failures: 0,
  declined: 0,
  holding: 0,
  dead: 0,
  republished: 0,
  copiesSent: 0,
  copiesWon: 0,
  copiesSec: 0,
  workersLost: 0,
  workersToldToLeave: 0,
  brokerReconnects: 0,
  brokerEmptied: 0,
  brokerBlocked: 0,
});
