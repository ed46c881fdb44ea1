import type { Delivery } from "@skyscan/broker";
import type { FitPayload, WorkUnit } from "@skyscan/protocol";

/** One unit in this client's hands, from its delivery until its outcome is confirmed. */
export interface Task {
  readonly unit: string;
  /** The highest attempt among the deliveries that ask for it: the server takes a failure only for the current one. */
  readonly attempt: number;
  readonly payload: FitPayload;
  /** Its message came back to the broker before, or the server says that workers were lost over it: it may take this client down. */
  readonly suspect: boolean;
}

/** A delivery that is not ended yet. Opaque: only the ledger looks inside. */
export interface Hold {
  readonly takenMs: number;
}

/** A delivery that has been held for too long and whose fits have begun, with its units that have no outcome yet. */
export interface Overdue {
  readonly hold: Hold;
  readonly tasks: readonly Task[];
}

/**
 * Which delivery waits for which units, and which units are queued, running, or answered but not confirmed. It ends deliveries
 * (ack, requeue), exactly once each, and does no other I/O.
 *
 * Invariants: a delivery is acked when the last of its units is settled, never before; a unit has one task at most, however many
 * deliveries ask for it; only a delivery of which nothing has begun is given back while the client works on; a unit over which workers
 * were lost again and again runs while nothing else does.
 */
export interface Ledger {
  hold(delivery: Delivery, units: readonly string[], nowMs: number): Hold;
  /** The unit is queued or being fitted here. */
  has(unit: string): boolean;
  /** True when the unit is in hand already; the delivery then waits for that fit. */
  attach(hold: Hold, unit: WorkUnit): boolean;
  queue(hold: Hold, unit: WorkUnit): void;
  /** The next unit to fit; it counts as begun. */
  next(nowMs: number): Task | undefined;
  /** The fit is over and its outcome goes out: the deliveries to `settle` when it is confirmed. Undefined when the unit is no longer wanted. */
  finish(task: Task): readonly Hold[] | undefined;
  /** The outcome of a finished task is confirmed. */
  confirm(task: Task): void;
  /** One unit of a delivery is done with; the last one acks it. */
  settle(hold: Hold, unit: string): void;
  /** The reco could not be started: the unit was not begun. Given back to the broker where its delivery allows it, else queued again. */
  putBack(task: Task): void;
  /** No longer wanted: its deliveries are settled. Returns the tasks that are running, to be ended. */
  cancel(units: readonly string[]): readonly Task[];
  /** Requeues the deliveries of which nothing has begun. */
  returnNotBegun(): void;
  /**
   * As `returnNotBegun`, but for what came back before (the broker counts each return, and takes the last for a death), and for the oldest
   * deliveries, as far as they come to so many units.
   */
  returnAhead(keptUnits: number): void;
  /** How long the oldest delivery of which nothing has begun has waited, seconds; 0 when there is none. */
  oldestNotBegunSec(nowMs: number): number;
  /** Requeues deliveries older than `ageMs` of which nothing has begun, and returns the others that old, each once. */
  overdue(nowMs: number, ageMs: number): readonly Overdue[];
  /** The server has taken over these units of the delivery: they go on here without it. */
  handOver(hold: Hold, units: readonly string[]): void;
  /** Nothing more is begun: as `returnNotBegun`, and what is queued for partly begun deliveries is forgotten. */
  stop(): void;
  /** Requeues every delivery that is left, and forgets every unit. Returns the tasks that were running. */
  returnAll(): readonly Task[];
  /** For the worker's status: 0 = not begun. */
  holding(nowMs: number): { unit: string; elapsedSec: number }[];
  readonly running: number;
  readonly queued: number;
}

interface Entry extends Task {
  attempt: number;
  beganMs: number | undefined;
  suspect: boolean;
  /** Nothing else runs beside it. */
  alone: boolean;
  /** The server owns it (a `holding` was confirmed): it stays although no delivery waits for it. */
  handedOver: boolean;
  /** One, but for units that were sent again while they are in hand. */
  readonly holds: HoldEntry[];
}

interface HoldEntry extends Hold {
  readonly delivery: Delivery;
  readonly units: number;
  readonly open: Set<string>;
  ended: boolean;
  reportedOverdue: boolean;
}

/** Deliveries come back for harmless reasons too (drains, evictions), but seldom so often. */
const aloneAfterReturns = 3;

/** A begun fit never counts as 0, which means not begun. */
const leastElapsedSec = 0.001;

export function createLedger(): Ledger {
  const tasks = new Map<string, Entry>();
  const queue = new Set<Entry>();
  const confirming = new Set<Entry>();
  const holds = new Set<HoldEntry>();
  /** What was begun last to run alone. */
  let soloist: Entry | undefined;

  const isRunning = (entry: Entry): boolean => tasks.get(entry.unit) === entry && !queue.has(entry);
  const entryOf = (task: Task): Entry | undefined => {
    const entry = tasks.get(task.unit);
    return entry === task ? entry : undefined;
  };

  function forget(entry: Entry): void {
    tasks.delete(entry.unit);
    queue.delete(entry);
  }

  /** True when it was one of them. */
  function takeOut({ holds: waiting }: Entry, hold: HoldEntry): boolean {
    const at = waiting.indexOf(hold);
    if (at >= 0) waiting.splice(at, 1);
    return at >= 0;
  }

  function suspect(entry: Entry, { delivery }: HoldEntry, { alone = false }: WorkUnit): void {
    const returns = delivery.deliveryCount ?? 0;
    entry.suspect ||= alone || returns > 0;
    entry.alone ||= alone || returns >= aloneAfterReturns;
  }

  function settle(hold: HoldEntry, unit: string): void {
    if (hold.ended || !hold.open.delete(unit) || hold.open.size > 0) return;
    hold.ended = true;
    holds.delete(hold);
    hold.delivery.ack();
  }

  function requeue(hold: HoldEntry): void {
    if (hold.ended) return;
    hold.ended = true;
    holds.delete(hold);
    hold.delivery.requeue();
    for (const unit of hold.open) {
      const entry = tasks.get(unit);
      if (entry === undefined) continue;
      takeOut(entry, hold);
      if (queue.has(entry) && entry.holds.length === 0 && !entry.handedOver) forget(entry);
    }
  }

  /** An open unit without a task is being answered: that has begun. */
  function nothingBegun(hold: HoldEntry): boolean {
    if (hold.open.size < hold.units) return false;
    for (const unit of hold.open) {
      const entry = tasks.get(unit);
      if (entry === undefined || !queue.has(entry)) return false;
    }
    return true;
  }

  function returnNotBegun(): void {
    for (const hold of [...holds]) if (nothingBegun(hold)) requeue(hold);
  }

  function returnAhead(keptUnits: number): void {
    let units = 0;
    for (const hold of [...holds]) {
      if ((hold.delivery.deliveryCount ?? 0) > 0 || !nothingBegun(hold)) continue;
      units += hold.units;
      if (units > keptUnits) requeue(hold);
    }
  }

  const ledger: Ledger = {
    hold(delivery, units, nowMs) {
      const open = new Set(units);
      const hold: HoldEntry = { delivery, units: open.size, open, takenMs: nowMs, ended: false, reportedOverdue: false };
      holds.add(hold);
      return hold;
    },
    has: (unit) => tasks.has(unit),
    attach(hold, unit) {
      const entry = tasks.get(unit.unit);
      if (entry === undefined) return false;
      if (!entry.holds.includes(hold as HoldEntry)) entry.holds.push(hold as HoldEntry);
      entry.attempt = Math.max(entry.attempt, unit.attempt);
      suspect(entry, hold as HoldEntry, unit);
      return true;
    },
    queue(hold, work) {
      const { unit, attempt, payload } = work;
      const entry: Entry = {
        unit,
        attempt,
        payload,
        beganMs: undefined,
        handedOver: false,
        suspect: false,
        alone: false,
        holds: [hold as HoldEntry],
      };
      suspect(entry, hold as HoldEntry, work);
      tasks.set(unit, entry);
      queue.add(entry);
    },
    next(nowMs) {
      const entry = queue.values().next().value;
      if (entry === undefined || (soloist !== undefined && isRunning(soloist))) return undefined;
      // What runs is let end first; nothing overtakes, or it would wait for ever.
      if (entry.alone && tasks.size > queue.size) return undefined;
      queue.delete(entry);
      entry.beganMs = nowMs;
      soloist = entry.alone ? entry : undefined;
      return entry;
    },
    finish(task) {
      const entry = entryOf(task);
      if (entry === undefined) return undefined;
      forget(entry);
      confirming.add(entry);
      return [...entry.holds];
    },
    confirm(task) {
      confirming.delete(task as Entry);
    },
    settle: (hold, unit) => settle(hold as HoldEntry, unit),
    putBack(task) {
      const entry = entryOf(task);
      if (entry === undefined) return;
      entry.beganMs = undefined;
      queue.add(entry);
      for (const hold of [...entry.holds]) if (nothingBegun(hold)) requeue(hold);
    },
    cancel(units) {
      const running: Task[] = [];
      for (const unit of units) {
        const entry = tasks.get(unit);
        if (entry === undefined) continue;
        if (!queue.has(entry)) running.push(entry);
        forget(entry);
        for (const hold of entry.holds) settle(hold, unit);
      }
      return running;
    },
    returnNotBegun,
    returnAhead,
    oldestNotBegunSec(nowMs) {
      for (const hold of holds) if (nothingBegun(hold)) return (nowMs - hold.takenMs) / 1000;
      return 0;
    },
    overdue(nowMs, ageMs) {
      const list: Overdue[] = [];
      for (const hold of [...holds]) {
        if (hold.reportedOverdue || nowMs - hold.takenMs < ageMs) continue;
        if (nothingBegun(hold)) {
          requeue(hold);
          continue;
        }
        const open = [...hold.open].map((unit) => tasks.get(unit)).filter((entry) => entry !== undefined);
        if (open.length === 0) continue;
        hold.reportedOverdue = true;
        list.push({ hold, tasks: open });
      }
      return list;
    },
    handOver(hold, units) {
      for (const unit of units) {
        const entry = tasks.get(unit);
        if (entry !== undefined && takeOut(entry, hold as HoldEntry)) entry.handedOver = true;
        settle(hold as HoldEntry, unit);
      }
    },
    stop() {
      returnNotBegun();
      for (const entry of [...queue]) forget(entry);
    },
    returnAll() {
      const running = [...tasks.values()].filter((entry) => !queue.has(entry));
      for (const hold of [...holds]) requeue(hold);
      tasks.clear();
      queue.clear();
      return running;
    },
    holding(nowMs) {
      return [...tasks.values(), ...confirming].map(({ unit, beganMs }) => ({
        unit,
        elapsedSec: beganMs === undefined ? 0 : Math.max(leastElapsedSec, (nowMs - beganMs) / 1000),
      }));
    },
    get running() {
      return tasks.size - queue.size;
    },
    get queued() {
      return queue.size;
    },
  };
  return ledger;
}
