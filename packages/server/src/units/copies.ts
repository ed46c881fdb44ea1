import type { Broadcaster } from "@skyscan/broker";
import { encode, formatUnitId, protocolVersion } from "@skyscan/protocol";
import { messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { Counters } from "../state/counters.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Journal } from "../journal/journal.ts";
import type { UnitKey } from "../sky/unit-key.ts";

/** Copies of one unit, ever, in one server start. */
const maxCopies = 2;
/** A copy that its holder's host draws comes back; after so many of those the unit is left alone. */
const maxCopyDeclines = 5;
/** Seconds of copies, at most, per second of work done. */
const maxExtra = 0.05;
/** Units that one message may name. */
const cancelledPerMessage = 10_000;

export interface CopiesOptions {
  readonly scanId: string;
  readonly run: number;
  readonly journal: Journal;
  readonly dispatch: Dispatch;
  readonly broadcaster: Broadcaster;
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly logger: Logger;
}

/** Whom a unit is waited for. */
export interface Holder {
  readonly worker: string;
  readonly host: string;
}

/** One copy that is out. */
interface Copy {
  readonly sentMs: number;
  /** Counted as its cost until it has cost more, seconds. */
  readonly reservedSec: number;
}

/** A unit that is out more than once. */
export interface CopiedUnit {
  readonly unit: UnitKey;
  readonly holder: Holder;
  /** When its last copy went out; undefined when none is out. */
  readonly lastCopyMs: number | undefined;
}

interface Entry {
  readonly unit: UnitKey;
  holder: Holder;
  /** False once its failure is known. */
  holderRuns: boolean;
  readonly out: Copy[];
  sent: number;
  declines: number;
}

/**
 * Units that are out more than once, and what that costs. Copies cost at most 5 % of the work done since this server's start,
 * each counted with what it is expected to take until it has taken more. Forgotten by a restart: a copy is a message like any other.
 */
export interface Copies {
  /** False when the unit had all the copies that it may have. */
  mayCopy(id: string): boolean;
  /** What further copies may cost, seconds; below 0 when those that are out took longer than they should. */
  readonly leftSec: number;
  send(unit: UnitKey, holder: Holder, reservedSec: number, why: string): void;
  /** A host sent a copy back. False when the unit has none out: then it is the unit itself that was declined. */
  declined(id: string): boolean;
  /** One of several fits of a unit failed. True while another one of them is out: that one stands for the attempt. */
  failed(id: string, worker: string): boolean;
  /** A unit is final: by whom, and after how long. Who else fits it is told at the next `tellCancelled`. */
  settled(id: string, winner?: { readonly worker: string; readonly runtimeSec: number }): void;
  tellCancelled(): void;
  /** Ends the copy that this worker has, and no other fit of the unit. */
  recall(id: string, worker: string): void;
  readonly ids: Iterable<string>;
  get(id: string): CopiedUnit | undefined;
  /** How many are out. */
  readonly out: number;
  /** All that is out will be enqueued anew. */
  reset(): void;
}

export function createCopies(options: CopiesOptions): Copies {
  const { dispatch, broadcaster, counters, nowMs, logger } = options;
  const units = new Map<string, Entry>();
  let cancelled: string[] = [];
  let workSec = 0;
  let spentSec = 0;

  const costSec = (copy: Copy): number => Math.max(copy.reservedSec, (nowMs() - copy.sentMs) / 1000);
  const outOf = (): Copy[] => [...units.values()].flatMap((entry) => entry.out);
  const costsSec = (): number => outOf().reduce((sum, copy) => sum + costSec(copy), spentSec);

  function spend(seconds: number): void {
    spentSec += seconds;
    counters.copiesSec = Math.round(1000 * spentSec) / 1000;
  }

  /** Takes the oldest copy off the books, for what it has cost. */
  function dropOne(entry: Entry): void {
    const copy = entry.out.shift();
    if (copy !== undefined) spend((nowMs() - copy.sentMs) / 1000);
  }

  function tell(content: { readonly units: string[]; readonly worker?: string }): void {
    broadcaster
      .broadcast(encode({ v: protocolVersion, scan: options.scanId, run: options.run, type: "cancel", ...content }))
      .catch((error: unknown) => logger.warn({ reason: messageOf(error) }, "cancel could not be sent"));
  }

  return {
    mayCopy(id) {
      const entry = units.get(id);
      return entry === undefined || (entry.sent < maxCopies && entry.declines < maxCopyDeclines);
    },
    get leftSec() {
      return maxExtra * workSec - costsSec();
    },
    send(unit, holder, reservedSec, why) {
      const id = formatUnitId(unit.nside, unit.pixel, unit.posvar);
      const entry: Entry = units.get(id) ?? { unit, holder, holderRuns: true, out: [], sent: 0, declines: 0 };
      units.set(id, entry);
      entry.holder = holder;
      entry.holderRuns = true;
      entry.sent += 1;
      entry.out.push({ sentMs: nowMs(), reservedSec });
      counters.copiesSent += 1;
      logger.info({ unit: id, worker: holder.worker, host: holder.host, why }, "a copy of a late unit goes out");
      dispatch.copy(unit, holder.host);
    },
    declined(id) {
      const entry = units.get(id);
      if (entry === undefined || entry.out.length === 0) return false;
      entry.out.pop();
      entry.sent -= 1;
      entry.declines += 1;
      return true;
    },
    failed(id, worker) {
      const entry = units.get(id);
      if (entry === undefined) return false;
      // Without a copy out it fails as any unit does: a second absorbed failure could leave nobody with it.
      const several = entry.out.length > 0;
      if (!several || worker === entry.holder.worker) entry.holderRuns = false;
      else dropOne(entry);
      return several && (entry.holderRuns || entry.out.length > 0);
    },
    settled(id, winner) {
      if (winner !== undefined) workSec += winner.runtimeSec;
      const entry = units.get(id);
      if (entry === undefined) return;
      if (winner !== undefined && entry.out.length > 0 && winner.worker !== entry.holder.worker) {
        counters.copiesWon += 1;
        entry.out.shift();
        spend(winner.runtimeSec);
        logger.info({ unit: id, worker: winner.worker, late: entry.holder.worker }, "the copy of a late unit came first");
      }
      while (entry.out.length > 0) dropOne(entry);
      units.delete(id);
      cancelled.push(id);
    },
    tellCancelled() {
      if (cancelled.length === 0) return;
      const final = cancelled;
      cancelled = [];
      // n.b. a client acks what it is told to end: the outcome that stands must be on disk by then.
      options.journal.afterDurable(() => {
        while (final.length > 0) tell({ units: final.splice(0, cancelledPerMessage) });
      });
    },
    recall(id, worker) {
      const entry = units.get(id);
      if (entry === undefined) return;
      dropOne(entry);
      logger.info({ unit: id, worker }, "a copy is ended: copies have cost what they may");
      tell({ units: [id], worker });
    },
    get ids() {
      return units.keys();
    },
    get(id) {
      const entry = units.get(id);
      return entry && { unit: entry.unit, holder: entry.holder, lastCopyMs: entry.out.at(-1)?.sentMs };
    },
    get out() {
      return outOf().length;
    },
    reset() {
      for (const entry of units.values()) while (entry.out.length > 0) dropOne(entry);
      units.clear();
    },
  };
}
