import type { Broker } from "@skyscan/broker";
import type { Logger } from "@skyscan/runtime";
import { lostWorkersToKill } from "../state/attempts.ts";
import type { Collect } from "./collect.ts";
import type { Counters } from "../state/counters.ts";
import type { Dispatch, OutstandingUnit } from "./dispatch.ts";
import type { Journal } from "../journal/journal.ts";
import type { ScanState } from "../state/scan-state.ts";
import { fittingUnits } from "../workers/workers.ts";
import type { Worker, Workers } from "../workers/workers.ts";

/** A held unit that its worker no longer lists may be on its way as a reply for this long. */
const replyGraceMs = 15_000;
/** A unit that nobody lists is looked for when it has been out for this long. */
const vanishedAfterMs = 30_000;

export interface CareOptions {
  readonly state: ScanState;
  readonly journal: Journal;
  readonly dispatch: Dispatch;
  readonly collect: Collect;
  readonly workers: Workers;
  readonly counters: Counters;
  readonly broker: Broker;
  readonly workQueue: string;
  readonly nowMs: () => number;
  readonly logger: Logger;
}

/** Sees to it that no unit waits for somebody who is gone. */
export interface Care {
  /** Lost workers: what they held in the server's care goes out again; a unit that five of them were fitting is killed. */
  sweep(): void;
  /** Units that are out but neither queued nor listed by anybody alive, twice in a row, go out again. */
  audit(): Promise<void>;
}

export function createCare(options: CareOptions): Care {
  const { state, journal, dispatch, workers, counters, logger, nowMs } = options;
  /** Held units that their worker did not list in its last beat, since when. */
  const unlisted = new Map<string, number>();
  let suspects = new Set<string>();

  function sendAgain(id: string, unit: OutstandingUnit, why: string): void {
    counters.republished += 1;
    logger.info({ unit: id, holder: unit.holder, why }, "a unit goes out again");
    dispatch.again({ nside: unit.nside, pixel: unit.pixel, posvar: unit.posvar });
  }

  function lost(worker: Worker): void {
    counters.workersLost += 1;
    logger.warn({ worker: worker.id, host: worker.host, why: worker.why }, "a worker is lost");
    for (const unit of fittingUnits(worker)) {
      if (!state.isOpen(unit)) continue;
      const record = { type: "lost", ...unit, worker: worker.id } as const;
      state.apply(record);
      journal.append(record);
      const losses = state.troubleFor(unit).lostWorkers.size;
      if (losses >= lostWorkersToKill) options.collect.giveUp(unit, "killed", `${losses} workers were lost while they fitted it`);
    }
  }

  function checkHeld(id: string, unit: OutstandingUnit, holder: string): void {
    const worker = workers.get(holder);
    if (worker === undefined || worker.state === "lost" || worker.state === "goodbye") {
      sendAgain(id, unit, "its worker is gone");
      return;
    }
    if (worker.holding.has(id) || worker.lastBeatMs <= unit.sinceMs) {
      unlisted.delete(id);
      return;
    }
    const since = unlisted.get(id) ?? nowMs();
    unlisted.set(id, since);
    if (nowMs() - since < replyGraceMs) return;
    unlisted.delete(id);
    sendAgain(id, unit, "its worker no longer lists it and did not answer");
  }

  return {
    sweep() {
      for (const worker of workers.sweep()) lost(worker);
      for (const [id, unit] of [...dispatch.outstanding]) if (unit.holder !== undefined) checkHeld(id, unit, unit.holder);
    },
    async audit() {
      const oldest = nowMs() - vanishedAfterMs;
      const old = [...dispatch.outstanding].filter(([, unit]) => unit.holder === undefined && unit.sinceMs < oldest);
      if (old.length === 0 || (await options.broker.depth(options.workQueue)) > 0) {
        suspects = new Set();
        return;
      }
      const listed = new Set(workers.alive.flatMap((worker) => [...worker.holding.keys()]));
      const missing = old.filter(([id]) => !listed.has(id));
      // Once may be the moment between a beat and a delivery; twice is not.
      for (const [id, unit] of missing) {
        const current = dispatch.outstanding.get(id);
        if (suspects.has(id) && current === unit) sendAgain(id, unit, "its message vanished");
      }
      suspects = new Set(missing.map(([id]) => id));
    },
  };
}
