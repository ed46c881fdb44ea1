import { formatUnitId } from "@skyscan/protocol";
import type { HostRecord } from "../state/host-records.ts";
import type { Situation } from "../workers/presence.ts";
import type { FailedUnit } from "../state/scan-state.ts";
import { tallyOf } from "../workers/worker-tally.ts";
import { isAlive } from "../workers/workers.ts";
import type { Worker } from "../workers/workers.ts";

/** The end of a reco's stderr, as it is shown. */
const shownStderrChars = 500;

export interface PeopleFacts {
  readonly nowMs: number;
  readonly workers: readonly Worker[];
  readonly situation: Situation;
  readonly hosts: { readonly all: Iterable<HostRecord> };
  readonly resultsByHost: ReadonlyMap<string, number>;
}

/** The manifest's `workers`: who is there, who left and why, and each host's record. Those that are alive are listed first. */
export function workersPart(facts: PeopleFacts, listed: number): object {
  const { workers, nowMs } = facts;
  const alive = workers.filter(isAlive);
  const gone = workers.filter((worker) => !isAlive(worker));
  const { count, slots, hosts } = tallyOf(alive);
  return {
    presence: facts.situation.presence,
    situation: facts.situation.sentence,
    alive: count,
    slots,
    hosts: hosts.size,
    "ever seen": workers.length,
    lost: gone.filter((worker) => worker.state === "lost").length,
    list: [...alive.slice(-listed), ...latest(gone, listed - count)].map((worker) => ({
      worker: worker.id,
      host: worker.host,
      state: worker.state,
      slots: worker.slots,
      done: worker.done,
      failed: worker.failed,
      holding: worker.holding.size,
      "last beat (sec ago)": Math.round((nowMs - worker.lastBeatMs) / 1000),
      ...(worker.why !== undefined && { why: worker.why }),
      ...(worker.told !== undefined && { "told to leave": worker.told.why }),
    })),
    "by host": hostsPart(facts, listed),
  };
}

const latest = <T>(list: readonly T[], count: number): readonly T[] => (count > 0 ? list.slice(-count) : []);

/** Every host's record, those with most failures first: how often, why, the last lines of stderr, who was told to leave. */
function hostsPart({ workers, hosts, resultsByHost }: PeopleFacts, listed: number): readonly object[] {
  const records = new Map([...hosts.all].map((record) => [record.host, record]));
  const names = new Set([...records.keys(), ...workers.map((worker) => worker.host), ...resultsByHost.keys()]);
  const failuresOf = (host: string): number => records.get(host)?.failures ?? 0;
  const alive = new Map<string, number>();
  for (const worker of workers) if (isAlive(worker)) alive.set(worker.host, (alive.get(worker.host) ?? 0) + 1);
  return [...names]
    .sort((a, b) => failuresOf(b) - failuresOf(a))
    .slice(0, listed)
    .map((host) => {
      const record = records.get(host);
      return {
        host,
        alive: alive.get(host) ?? 0,
        "results (this run)": resultsByHost.get(host) ?? 0,
        failures: failuresOf(host),
        ...(record !== undefined && {
          "by code": record.byCode,
          ...(record.last !== undefined && { "last failure": lastFailure(record.last) }),
          ...(record.toldToLeave.length > 0 && {
            "told to leave": record.toldToLeave.map(({ worker, why }) => ({ worker, why })),
          }),
        }),
      };
    });
}

const lastFailure = (failure: NonNullable<HostRecord["last"]>): object => ({
  unit: formatUnitId(failure.nside, failure.pixel, failure.posvar),
  code: failure.code,
  message: failure.message,
  "end of stderr": failure.stderrTail.slice(-shownStderrChars),
});

/** The manifest's `failures`: units that are NaN for good, with every try. */
export function failuresPart(failed: readonly FailedUnit[], listed: number): object {
  const byCode: Record<string, number> = {};
  for (const unit of failed) byCode[unit.code] = (byCode[unit.code] ?? 0) + 1;
  return {
    "failed units": failed.length,
    "by code": byCode,
    list: failed.slice(0, listed).map((unit) => ({
      unit: formatUnitId(unit.nside, unit.pixel, unit.posvar),
      code: unit.code,
      reason: unit.message,
      tries: unit.failures.map(({ host, worker, code, message, stderrTail }) => ({
        host,
        worker,
        code,
        message,
        "end of stderr": stderrTail.slice(-shownStderrChars),
      })),
    })),
  };
}
