import { encode, formatUnitId, protocolVersion } from "@skyscan/protocol";
import type { FitPayload } from "@skyscan/protocol";
import type { Publisher } from "@skyscan/broker";
import { codeOf, messageOf, pause } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { maxDeclines, mustRunAlone } from "./attempts.ts";
import type { UnitKey } from "./journal-records.ts";
import { unitState } from "./pixel-table.ts";
import type { PixelTable, UnitState } from "./pixel-table.ts";
import type { ScanState } from "./scan-state.ts";

/** A work message names no more (its schema): with unlimited attempts a unit may fail on hundreds of hosts. */
const maxAvoidedHosts = 64;

/** What the server knows of a unit that is out. */
export interface OutstandingUnit extends UnitKey {
  /** When it was last published, or last known to be somewhere; this server's clock. */
  sinceMs: number;
  /** Set when its delivery is acked and a worker says it has it: from then on the unit is this server's care. */
  holder: string | undefined;
}

/** A stretch of planned rows in the order in which they go out. */
interface Batch {
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
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** A publish that failed for good. */
  readonly onFatal: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Sends units out under a window: what must be tried again first, then the plan in its order. */
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

export function createDispatch(options: DispatchOptions): Dispatch {
  const { state, publisher, scanId, run, payloadOf, nowMs, logger, signal } = options;
  const batches: Batch[] = [];
  const urgent: UnitKey[] = [];
  const outstanding = new Map<string, OutstandingUnit>();
  let planned = 0;
  let published = 0;

  function nextPlanned(): UnitKey | undefined {
    for (let batch = batches[0]; batch !== undefined; batch = batches[0]) {
      if (batch.next >= batch.order.length) {
        batches.shift();
        continue;
      }
      const row = batch.order[batch.next]!;
      const posvar = batch.posvar;
      batch.posvar += 1;
      if (batch.posvar === batch.table.posvars) {
        batch.posvar = 0;
        batch.next += 1;
      }
      planned -= 1;
      if (batch.table.stateOf(row, posvar) === unitState.planned)
        return { nside: batch.table.nside, pixel: batch.table.pixelAt(row), posvar };
    }
    return undefined;
  }

  function setState(unit: UnitKey, to: UnitState): void {
    const table = state.tables.get(unit.nside)!;
    table.setState(table.rowOf(unit.pixel), unit.posvar, to);
  }

  function send(unit: UnitKey): void {
    const id = formatUnitId(unit.nside, unit.pixel, unit.posvar);
    setState(unit, unitState.outstanding);
    outstanding.set(id, { ...unit, sinceMs: nowMs(), holder: undefined });
    published += 1;
    const declined = state.troubleOf(unit)?.declines ?? 0;
    publisher
      .publish(message(unit, id, declined >= maxDeclines ? [] : failedHosts(unit)))
      .catch((error: unknown) => void publishFailed(unit, error));
  }

  const failedHosts = (unit: UnitKey): string[] => state.troubleOf(unit)?.failures.map((failure) => failure.host) ?? [];

  function message(unit: UnitKey, id: string, hosts: readonly string[]): Uint8Array {
    const avoid = [...new Set(hosts)].slice(-maxAvoidedHosts);
    return encode({
      v: protocolVersion,
      scan: scanId,
      run,
      proven: options.proven?.() ?? state.resultUnits > 0,
      units: [
        {
          ...{ unit: id, attempt: state.attemptOf(unit), payload: payloadOf(unit) },
          ...(avoid.length > 0 && { avoid }),
          ...(trouble !== undefined && mustRunAlone(trouble) && { alone: true }),
        },
      ],
    });
  }

  async function publishFailed(unit: UnitKey, error: unknown): Promise<void> {
    if (signal.aborted) return;
    if (codeOf(error) !== "full") {
      options.onFatal(error);
      return;
    }
    logger.warn({ reason: messageOf(error) }, "the broker takes no more units for now");
    await pause(1000, signal);
    again(unit);
    pump();
  }

  function again(unit: UnitKey): void {
    outstanding.delete(formatUnitId(unit.nside, unit.pixel, unit.posvar));
    if (!state.isOpen(unit)) return;
    // Planned, not out: a reset forgets what is urgent, and the plan must find the unit then.
    setState(unit, unitState.planned);
    urgent.push(unit);
  }

  function pump(): void {
    const window = options.window();
    while (!signal.aborted && outstanding.size < window) {
      const unit = urgent.shift() ?? nextPlanned();
      if (unit === undefined) return;
      if (state.isOpen(unit) && !outstanding.has(formatUnitId(unit.nside, unit.pixel, unit.posvar))) send(unit);
    }
  }

  return {
    enqueue(table, order) {
      batches.push({ table, order, next: 0, posvar: 0 });
      planned += order.length * table.posvars;
    },
    again,
    copy(unit, avoidHost) {
      const body = message(unit, formatUnitId(unit.nside, unit.pixel, unit.posvar), [...failedHosts(unit), avoidHost]);
      // Nobody misses a copy: the unit itself is out.
      publisher.publish(body).catch((error: unknown) => logger.debug({ reason: messageOf(error) }, "a copy could not be sent"));
    },
    hold(unit, worker) {
      setState(unit, unitState.outstanding);
      outstanding.set(formatUnitId(unit.nside, unit.pixel, unit.posvar), { ...unit, sinceMs: nowMs(), holder: worker });
    },
    reset() {
      for (const unit of outstanding.values()) setState(unit, unitState.planned);
      outstanding.clear();
      batches.length = 0;
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
