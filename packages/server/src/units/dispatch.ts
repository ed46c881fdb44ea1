import { encode, formatUnitId, maxAvoidedHosts, maxDeclines, protocolVersion } from "@skyscan/protocol";
import type { FitPayload, WorkUnit } from "@skyscan/protocol";
import type { Publisher } from "@skyscan/broker";
import { codeOf, messageOf, pause } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { mustRunAlone } from "../state/attempts.ts";
import type { UnitKey } from "../sky/unit-key.ts";
import { unitState } from "../sky/pixel-table.ts";
import type { PixelTable, UnitState } from "../sky/pixel-table.ts";
import type { ScanState, UnitTrouble } from "../state/scan-state.ts";

/** What the server knows of a unit that is out. */
export interface OutstandingUnit extends UnitKey {
  /** When it was last published, or last known to be somewhere; this server's clock. */
  sinceMs: number;
  /** Set when its delivery is acked and a worker says it has it: from then on the unit is this server's care. */
  holder: string | undefined;
}

/** A stretch of planned rows in the order in which they go out. */
interface Stretch {
  readonly table: PixelTable;
  readonly order: Uint32Array;
  next: number;
  posvar: number;
}

export interface DispatchOptions {
  readonly state: ScanState;
  readonly publisher: Publisher;
  readonly scanId: string;
  readonly run: number;
  readonly payloadOf: (unit: UnitKey) => FitPayload;
  /** How many units may be out at the same time, asked anew each time. */
  readonly window: () => number;
  /** What messages say of the scan: see WorkMessage. Default: some unit has a result. */
  readonly proven?: () => boolean;
  /** How many units of this nside the next message may take, while so many wait. */
  readonly batchSize: (nside: number, waiting: number) => number;
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** A publish that failed for good. */
  readonly onFatal: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/**
 * Sends units out under a window: what must be tried again first, each in a message of its own, then the plan in its order, several units of
 * one nside in a message where `batchSize` says so.
 */
export interface Dispatch {
  /** Adds planned rows, in the order in which they shall go out. */
  enqueue(table: PixelTable, order: Uint32Array): void;
  /** A unit that must go out (again) before all others. */
  again(unit: UnitKey): void;
  /** Sends a unit that is out once more, to another host than this one; the unit itself stays out as it is. */
  copy(unit: UnitKey, avoidHost: string): void;
  /** A unit that a worker has without a delivery: out, and in the server's care. */
  hold(unit: UnitKey, worker: string): void;
  /** All that was enqueued and all that is out is forgotten: it will be enqueued anew. */
  reset(): void;
  /** Publishes as far as the window allows. */
  pump(): void;
  /** The unit is final, or came back: it is no longer out. */
  settle(unit: string): void;
  readonly outstanding: Map<string, OutstandingUnit>;
  /** Units that are planned but not out. */
  readonly waiting: number;
  readonly published: number;
}

const idOf = (unit: UnitKey): string => formatUnitId(unit.nside, unit.pixel, unit.posvar);

export function createDispatch(options: DispatchOptions): Dispatch {
  const { state, publisher, scanId, run, payloadOf, nowMs, logger, signal } = options;
  const stretches: Stretch[] = [];
  const urgent: UnitKey[] = [];
  const outstanding = new Map<string, OutstandingUnit>();
  let planned = 0;
  let published = 0;

  /** The nside of what is next in the plan. */
  function nextNside(): number | undefined {
    while (stretches[0] !== undefined && stretches[0].next >= stretches[0].order.length) stretches.shift();
    return stretches[0]?.table.nside;
  }

  /** The next planned unit, of this nside: neither final nor out. */
  function nextPlanned(nside: number): UnitKey | undefined {
    while (nextNside() === nside) {
      const stretch = stretches[0]!;
      const row = stretch.order[stretch.next]!;
      const posvar = stretch.posvar;
      stretch.posvar += 1;
      if (stretch.posvar === stretch.table.posvars) {
        stretch.posvar = 0;
        stretch.next += 1;
      }
      planned -= 1;
      if (stretch.table.stateOf(row, posvar) === unitState.planned) return { nside, pixel: stretch.table.pixelAt(row), posvar };
    }
    return undefined;
  }

  function setState(unit: UnitKey, to: UnitState): void {
    const table = state.tables.get(unit.nside)!;
    table.setState(table.rowOf(unit.pixel), unit.posvar, to);
  }

  const failedHosts = (trouble: UnitTrouble | undefined): string[] => trouble?.failures.map((failure) => failure.host) ?? [];

  function workUnit(id: string, unit: UnitKey, trouble: UnitTrouble | undefined, hosts: readonly string[]): WorkUnit {
    const work: WorkUnit = { unit: id, attempt: state.attemptOf(unit), payload: payloadOf(unit) };
    if (hosts.length > 0) work.avoid = [...new Set(hosts)].slice(-maxAvoidedHosts);
    if (trouble !== undefined && mustRunAlone(trouble)) work.alone = true;
    return work;
  }

  function message(units: WorkUnit[]): Uint8Array {
    return encode({ v: protocolVersion, scan: scanId, run, proven: options.proven?.() ?? state.resultUnits > 0, units });
  }

  function send(units: readonly UnitKey[]): void {
    const sinceMs = nowMs();
    const work = units.map((unit) => {
      const { nside, pixel, posvar } = unit;
      const id = idOf(unit);
      setState(unit, unitState.outstanding);
      outstanding.set(id, { nside, pixel, posvar, sinceMs, holder: undefined });
      published += 1;
      const trouble = state.troubleOf(unit);
      return workUnit(id, unit, trouble, (trouble?.declines ?? 0) >= maxDeclines ? [] : failedHosts(trouble));
    });
    publisher.send(message(work), (error) => {
      if (error !== undefined) void publishFailed(units, error);
    });
  }

  async function publishFailed(units: readonly UnitKey[], error: unknown): Promise<void> {
    if (signal.aborted) return;
    if (codeOf(error) !== "full") {
      options.onFatal(error);
      return;
    }
    logger.warn({ reason: messageOf(error) }, "the broker takes no more units for now");
    await pause(1000, signal);
    for (const unit of units) again(unit);
    pump();
  }

  function again(unit: UnitKey): void {
    outstanding.delete(idOf(unit));
    if (!state.isOpen(unit)) return;
    // Planned, not out: a reset forgets what is urgent, and the plan must find the unit then.
    setState(unit, unitState.planned);
    urgent.push(unit);
  }

  const canGo = (unit: UnitKey): boolean => state.isOpen(unit) && !outstanding.has(idOf(unit));

  function sendUrgent(window: number): void {
    while (outstanding.size < window) {
      const unit = urgent.shift();
      if (unit === undefined) return;
      // What was in trouble, or may be, takes no other unit with it.
      if (canGo(unit)) send([unit]);
    }
  }

  function pump(): void {
    const window = options.window();
    if (signal.aborted) return;
    sendUrgent(window);
    for (let nside = nextNside(); nside !== undefined && outstanding.size < window; nside = nextNside()) {
      const size = options.batchSize(nside, planned);
      // As replies come in one by one, room for a whole batch is waited for: else batches would become small and smaller.
      if (outstanding.size > 0 && outstanding.size + size > window) return;
      const units: UnitKey[] = [];
      while (units.length < size) {
        const unit = nextPlanned(nside);
        if (unit === undefined) break;
        // After a reset it is in the plan again.
        if (state.troubleOf(unit) !== undefined) send([unit]);
        else units.push(unit);
      }
      if (units.length > 0) send(units);
    }
  }

  return {
    enqueue(table, order) {
      stretches.push({ table, order, next: 0, posvar: 0 });
      planned += order.length * table.posvars;
    },
    again,
    copy(unit, avoidHost) {
      const trouble = state.troubleOf(unit);
      const body = message([workUnit(idOf(unit), unit, trouble, [...failedHosts(trouble), avoidHost])]);
      // Nobody misses a copy: the unit itself is out.
      publisher.publish(body).catch((error: unknown) => logger.debug({ reason: messageOf(error) }, "a copy could not be sent"));
    },
    hold(unit, worker) {
      setState(unit, unitState.outstanding);
      outstanding.set(idOf(unit), { ...unit, sinceMs: nowMs(), holder: worker });
    },
    reset() {
      for (const unit of outstanding.values()) setState(unit, unitState.planned);
      outstanding.clear();
      stretches.length = 0;
      urgent.length = 0;
      planned = 0;
    },
    pump,
    settle: (unit) => void outstanding.delete(unit),
    outstanding,
    get waiting() {
      return planned + urgent.length;
    },
    get published() {
      return published;
    },
  };
}
