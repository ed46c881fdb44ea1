import { beatSec, parseUnitId } from "@skyscan/protocol";
import type { WorkerStatus } from "@skyscan/protocol";
import type { UnitKey } from "../sky/unit-key.ts";
import { tallyOf } from "./worker-tally.ts";
import type { WorkerTally } from "./worker-tally.ts";

/** Alive is who beat within three beats. */
export const aliveSec: number = 3 * beatSec;

/** What the server remembers of one client process. */
export interface Worker {
  readonly id: string;
  readonly host: string;
  readonly slots: number;
  readonly lookahead: number;
  readonly done: number;
  readonly failed: number;
  readonly state: WorkerStatus["state"] | "lost";
  /** Why it left, in its own words, and the failure code behind that. */
  readonly why: string | undefined;
  readonly whyCode: string | undefined;
  /** Units of its last beat; `elapsedSec` 0 = not begun. */
  readonly holding: ReadonlyMap<string, number>;
  /** This server's clock, milliseconds. */
  readonly lastBeatMs: number;
  readonly versions: WorkerStatus["versions"];
  /** Why this server told it to leave, and when it last did. */
  readonly told: { readonly why: string; readonly atMs: number } | undefined;
}

export const isAlive = (worker: Worker): boolean => worker.state !== "goodbye" && worker.state !== "lost";

/** Every worker that was ever heard of, by its beats. */
export interface Workers {
  beat(status: WorkerStatus): Worker;
  /** Notes that a worker was told to leave. */
  tell(id: string, why: string): void;
  /** Marks those lost that missed three beats; returns them, each once. */
  sweep(): readonly Worker[];
  readonly all: Iterable<Worker>;
  readonly alive: readonly Worker[];
  /** Of those that are alive. */
  readonly tally: WorkerTally;
  readonly everSeen: number;
  get(id: string): Worker | undefined;
  /** The alive worker whose last beat says that it is fitting the unit; of several, the one heard of last. */
  fitterOf(unit: string): string | undefined;
  /** True when an alive worker's last beat lists the unit. */
  holds(unit: string): boolean;
}

export function createWorkers(nowMs: () => number): Workers {
  const workers = new Map<string, Worker>();
  const alive = (): readonly Worker[] => [...workers.values()].filter(isAlive);

  return {
    beat(status) {
      const worker: Worker = {
        id: status.worker,
        host: status.host,
        slots: status.slots,
        lookahead: status.lookahead,
        done: status.done,
        failed: status.failed,
        state: status.state,
        why: status.why,
        whyCode: status.whyCode,
        holding: new Map(status.holding.map((held) => [held.unit, held.elapsedSec])),
        lastBeatMs: nowMs(),
        versions: status.versions,
        told: workers.get(status.worker)?.told,
      };
      workers.set(worker.id, worker);
      return worker;
    },
    tell(id, why) {
      const worker = workers.get(id);
      if (worker !== undefined) workers.set(id, { ...worker, told: { why, atMs: nowMs() } });
    },
    sweep() {
      const lost: Worker[] = [];
      for (const worker of workers.values()) {
        if (!isAlive(worker) || nowMs() - worker.lastBeatMs <= aliveSec * 1000) continue;
        const gone: Worker = { ...worker, state: "lost", why: `no beat for ${aliveSec} s` };
        workers.set(worker.id, gone);
        lost.push(gone);
      }
      return lost;
    },
    get all() {
      return workers.values();
    },
    get alive() {
      return alive();
    },
    get tally() {
      return tallyOf(alive());
    },
    get everSeen() {
      return workers.size;
    },
    get: (id) => workers.get(id),
    fitterOf: (unit) =>
      alive()
        .filter((worker) => (worker.holding.get(unit) ?? 0) > 0)
        .sort((a, b) => b.lastBeatMs - a.lastBeatMs)[0]?.id,
    holds: (unit) => alive().some((worker) => worker.holding.has(unit)),
  };
}

/** The units that a lost worker was fitting, by its last beat. */
export const fittingUnits = (worker: Worker): readonly UnitKey[] =>
  [...worker.holding].flatMap(([unit, elapsedSec]) => (elapsedSec > 0 ? (parseUnitId(unit) ?? []) : []));
