import type { FailureRecord } from "../journal/records.ts";
import { tallyOf } from "./worker-tally.ts";
import { isAlive } from "./workers.ts";
import type { Worker } from "./workers.ts";

/**
 * What there is of clients, in one word:
 * - `no-client` none has ever come (since this server's start)
 * - `all-gone` some came, none is left
 * - `nothing-succeeds` they are here, and their fits fail one after the other
 * - `working` they are here
 */
export type Presence = "no-client" | "all-gone" | "nothing-succeeds" | "working";

export interface Situation {
  readonly presence: Presence;
  /** For people: who is there, who left and why. */
  readonly sentence: string;
}

export interface PresenceFacts {
  readonly run: number;
  readonly workers: readonly Worker[];
  /** Some fit has succeeded, in this run or an earlier one. */
  readonly proven: boolean;
  /** Since the last result, on all hosts, in this run. */
  readonly failuresInRow: number;
  readonly lastFailure: FailureRecord | undefined;
}

/** So many failures in a row are said: where nothing has succeeded yet, and (at least, and twice the slots) where something has. */
const unprovenRow = 3;
const provenRow = 20;

/** Tells "nobody ever came", "all are gone" and "they are here but nothing succeeds" apart. */
export function situationOf(facts: PresenceFacts): Situation {
  const { workers, failuresInRow } = facts;
  if (workers.length === 0) {
    return {
      presence: "no-client",
      sentence: facts.run > 1 ? "no client has come since this server's start" : "no client has ever come",
    };
  }
  const { count, slots } = tallyOf(workers.filter(isAlive));
  if (count === 0) {
    const all = workers.length === 1 ? "the only client is gone" : `all ${workers.length} clients are gone`;
    return { presence: "all-gone", sentence: `${all}: ${departures(workers)}` };
  }
  const here = `${count} ${count === 1 ? "client" : "clients"} with ${slots} ${slots === 1 ? "slot" : "slots"}`;
  const limit = facts.proven ? Math.max(provenRow, 2 * slots) : unprovenRow;
  if (failuresInRow < limit) return { presence: "working", sentence: here };
  const last = facts.lastFailure;
  const reason = last === undefined ? "" : `, the last on ${last.host}: ${last.code}: ${firstLine(last.message)}`;
  return {
    presence: "nothing-succeeds",
    sentence: `clients are here but nothing succeeds (${here}): ${failuresInRow} failures in a row${reason}`,
  };
}

const firstLine = (text: string): string => text.split("\n", 1)[0]!.slice(0, 200);

/** `2 lost (no beat for 30 s), 1 left (stopped by a signal)`, the most frequent reasons first. */
function departures(gone: readonly Worker[]): string {
  const counts = new Map<string, number>();
  for (const worker of gone) {
    const word = worker.state === "lost" ? "lost" : "left";
    const reason = worker.why === undefined ? word : `${word} (${firstLine(worker.why)})`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const shown = sorted.slice(0, 3).map(([reason, count]) => `${count} ${reason}`);
  const rest = sorted.slice(3).reduce((sum, [, count]) => sum + count, 0);
  return [...shown, ...(rest > 0 ? [`${rest} for other reasons`] : [])].join(", ");
}
