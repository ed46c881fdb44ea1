import type { Broadcaster, Broker } from "@skyscan/broker";
import { encode, parseUnitId, protocolVersion } from "@skyscan/protocol";
import type { ScanQueues } from "@skyscan/protocol";
import { pause } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { Dispatch } from "./dispatch.ts";
import type { Journal } from "../journal/journal.ts";
import type { UnitKey } from "../sky/unit-key.ts";
import { dispatchOrder, globalBest } from "../sky/pixels.ts";
import type { ScanState } from "../state/scan-state.ts";
import type { Workers } from "../workers/workers.ts";

/** How long clients have to say what they hold. */
const answersMs = 5000;
/** How long waiting replies may take to be read before the work queue is looked at. */
const drainMs = 60_000;

export interface RecoverOptions {
  readonly scanId: string;
  readonly run: number;
  readonly state: ScanState;
  readonly journal: Journal;
  readonly dispatch: Dispatch;
  readonly workers: Workers;
  readonly broker: Broker;
  readonly broadcaster: Broadcaster;
  readonly queues: ScanQueues;
  readonly nowMs: () => number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Puts the units that are neither done nor held back on their way, after a restart of the server or when the broker came back empty:
 * replies that wait are read, the work queue is purged, clients are asked what they hold; the rest goes out again.
 * From then on every unit that was reported held is the server's care.
 */
export async function recover(options: RecoverOptions): Promise<void> {
  const { state, dispatch, workers, broker, queues, logger, signal } = options;
  const deadline = options.nowMs() + drainMs;
  while (!signal.aborted && options.nowMs() < deadline && (await broker.depth(queues.replies)) > 0) await pause(50, signal);
  await options.journal.flush();
  const purged = await broker.purge(queues.work);
  await options.broadcaster.broadcast(encode({ v: protocolVersion, scan: options.scanId, run: options.run, type: "who-holds" }));
  await pause(answersMs, signal);
  if (signal.aborted) return;
  const held = holdings(workers);
  const open = openUnits(state);
  const best = globalBest(state.tables);
  let kept = 0;
  for (const [nside, rows] of open.rows) {
    const table = state.tables.get(nside)!;
    dispatch.enqueue(table, dispatchOrder(table, Uint32Array.from(rows), best));
  }
  for (const [id, worker] of held) {
    const unit = parseUnitId(id);
    if (unit === undefined || !state.isOpen(unit)) continue;
    dispatch.hold(unit, worker);
    kept += 1;
  }
  logger.info({ purged, held: kept, open: open.count - kept }, "recovered: what is neither done nor held goes out");
  dispatch.pump();
}

function holdings(workers: Workers): ReadonlyMap<string, string> {
  const held = new Map<string, string>();
  for (const worker of workers.alive) for (const unit of worker.holding.keys()) held.set(unit, worker.id);
  return held;
}

/** Rows with at least one open unit. */
function openUnits(state: ScanState): { readonly rows: ReadonlyMap<number, number[]>; readonly count: number } {
  const rows = new Map<number, number[]>();
  let count = 0;
  for (const table of state.tables.values()) {
    const open: number[] = [];
    for (let row = 0; row < table.rows; row += 1) {
      if (table.complete(row)) continue;
      open.push(row);
      for (let posvar = 0; posvar < table.posvars; posvar += 1) {
        const unit: UnitKey = { nside: table.nside, pixel: table.pixelAt(row), posvar };
        if (state.isOpen(unit)) count += 1;
      }
    }
    if (open.length > 0) rows.set(table.nside, open);
  }
  return { rows, count };
}
