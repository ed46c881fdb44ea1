import { beatSec } from "@skyscan/protocol";
import type { Copies } from "./copies.ts";
import type { Dispatch, OutstandingUnit } from "./dispatch.ts";
import type { UnitKey } from "../sky/unit-key.ts";
import type { PeerTimes, Peers } from "./peers.ts";
import { tallyOf } from "../workers/worker-tally.ts";
import type { Worker, Workers } from "../workers/workers.ts";

/** Peers that must have been fitted before anything is called late; and as many as are out. */
const minPeers = 5;
/** Far beyond its peers: so many of their spreads, and at least so many times their median. */
const farSpreads = 3;
const farMedians = 2;
/** A copy is expected to take no longer than so many spreads above the median. */
const costSpreads = 2;
/** A worker that was not heard of for so long is waited for no more, though it may not be lost. */
const silentAfterMs = 2.5 * beatSec * 1000;
/** Least time between two questions to all clients what they hold. */
const askEveryMs = 5000;

/** Why a unit should not be waited for. */
export interface Lateness {
  /** How much sooner a copy may be there, seconds. */
  readonly gainSec: number;
  readonly why: string;
}

const farSec = ({ medianSec, spread }: PeerTimes): number => medianSec * Math.max(farMedians, Math.exp(farSpreads * spread));

/**
 * Whether a copy on a host of usual speed is to be expected before the fit that runs: because that takes far longer than fits do on
 * its host (an accident, which a copy will not share), or because its host is slow (a copy takes what the fit takes, at the usual pace).
 * `pace`: how many times as long as its peers the host takes. Undefined: it is better waited for.
 */
export function lateness(times: PeerTimes, pace: number, elapsedSec: number): Lateness | undefined {
  if (elapsedSec > pace * farSec(times)) return { gainSec: elapsedSec, why: "it takes far longer than its peers" };
  // A fit that has run for long is a long one: half a spread is what the rest of such fits takes in the middle.
  const totalSec = Math.max(pace * times.medianSec, elapsedSec * Math.exp(times.spread / 2));
  const gainSec = totalSec - elapsedSec - totalSec / pace;
  return gainSec > 0 ? { gainSec, why: "its worker is slow" } : undefined;
}

export interface StragglersOptions {
  readonly dispatch: Dispatch;
  readonly workers: Workers;
  readonly peers: Peers;
  readonly copies: Copies;
  /** Workers were lost over it: a copy could take down another one. */
  readonly isSuspect: (unit: UnitKey) => boolean;
  /** Asks all clients what they hold; each answers with a beat. */
  readonly askWhoHolds: () => void;
  readonly nowMs: () => number;
}

/** Sees to it that idle slots do not wait for late units. */
export interface Stragglers {
  /** When nothing is left to send and slots are idle: sends late units again, the latest first. */
  look(): void;
}

/** Where a unit is fitted, by the beats. */
interface Sight {
  readonly worker: Worker;
  /** Its worker was not heard of for a while, or is lost. */
  readonly silent: boolean;
  /** Until now. 0: not begun. */
  readonly elapsedSec: number;
}

interface Candidate extends Lateness {
  readonly unit: OutstandingUnit;
  readonly worker: Worker;
  readonly costSec: number;
}

export function createStragglers(options: StragglersOptions): Stragglers {
  const { dispatch, workers, peers, copies, nowMs } = options;
  let askedMs = -Infinity;

  function look(): void {
    copies.tellCancelled();
    if (dispatch.waiting > 0 || dispatch.outstanding.size === 0) return;
    const talking = workers.alive.filter((worker) => !isSilent(worker));
    const { slots, hosts } = tallyOf(talking);
    const sights = see();
    endDearCopies(sights);
    const busy = [...dispatch.outstanding.keys()].filter((id) => sights.get(id)?.at(0)?.silent !== true).length;
    let idle = slots - busy - copies.out;
    if (idle <= 0) return;
    let leftSec = copies.leftSec;
    for (const { unit, worker, costSec, why } of candidates(sights)) {
      if (hosts.size < (hosts.has(worker.host) ? 2 : 1)) continue;
      if (idle <= 0 || costSec > leftSec) return;
      copies.send(
        { nside: unit.nside, pixel: unit.pixel, posvar: unit.posvar },
        { worker: worker.id, host: worker.host },
        costSec,
        why,
      );
      idle -= 1;
      leftSec -= costSec;
    }
  }

  const isSilent = (worker: Worker): boolean => worker.state === "lost" || nowMs() - worker.lastBeatMs > silentAfterMs;

  /** Who lists each unit that is out: whom one hears first, then who has fitted it for longest. */
  function see(): ReadonlyMap<string, Sight[]> {
    const sights = new Map<string, Sight[]>();
    for (const worker of workers.all) {
      if (worker.state === "goodbye") continue;
      const silent = isSilent(worker);
      const sinceBeatSec = (nowMs() - worker.lastBeatMs) / 1000;
      for (const [id, elapsedSec] of worker.holding) {
        if (!dispatch.outstanding.has(id)) continue;
        const sight = { worker, silent, elapsedSec: elapsedSec > 0 ? elapsedSec + sinceBeatSec : 0 };
        const known = sights.get(id);
        if (known === undefined) sights.set(id, [sight]);
        else known.push(sight);
      }
    }
    for (const known of sights.values()) known.sort((a, b) => Number(a.silent) - Number(b.silent) || b.elapsedSec - a.elapsedSec);
    return sights;
  }

  function candidates(sights: ReadonlyMap<string, readonly Sight[]>): readonly Candidate[] {
    const out = new Map<number, number>();
    for (const { nside } of dispatch.outstanding.values()) out.set(nside, (out.get(nside) ?? 0) + 1);
    const known = new Map<number, PeerTimes>();
    for (const [nside, units] of out) {
      const times = peers.of(nside);
      if (times !== undefined && times.fits >= Math.max(minPeers, units)) known.set(nside, times);
    }
    const found: Candidate[] = [];
    let unseen = false;
    for (const [id, unit] of dispatch.outstanding) {
      const times = known.get(unit.nside);
      if (times === undefined) continue;
      const sight = sights.get(id)?.[0];
      if (sight === undefined) {
        unseen ||= nowMs() - unit.sinceMs > 1000 * farSec(times);
        continue;
      }
      const late = judge(id, times, sight);
      if (late === undefined || !copies.mayCopy(id) || options.isSuspect(unit)) continue;
      found.push({ ...late, unit, worker: sight.worker, costSec: times.medianSec * Math.exp(costSpreads * times.spread) });
    }
    if (unseen) ask();
    return found.sort((a, b) => b.gainSec - a.gainSec);
  }

  function judge(id: string, times: PeerTimes, sight: Sight): Lateness | undefined {
    const lastCopyMs = copies.get(id)?.lastCopyMs;
    // Another one only when the first is late, too.
    if (lastCopyMs !== undefined && nowMs() - lastCopyMs < 1000 * farSec(times)) return undefined;
    if (sight.silent) return { gainSec: Infinity, why: "its worker is silent" };
    return sight.elapsedSec > 0 ? lateness(times, peers.pace(sight.worker.id), sight.elapsedSec) : undefined;
  }

  /** Fits shorter than the time between two beats: what is out for long and in no beat would be seen too late. */
  function ask(): void {
    if (nowMs() - askedMs < askEveryMs) return;
    askedMs = nowMs();
    options.askWhoHolds();
  }

  /** Copies that cost more than they may are ended, as long as the unit is in good hands without them. */
  function endDearCopies(sights: ReadonlyMap<string, readonly Sight[]>): void {
    if (copies.leftSec >= 0) return;
    for (const id of [...copies.ids]) {
      const copied = copies.get(id);
      const listed = sights.get(id) ?? [];
      const holder = listed.find(({ worker }) => worker.id === copied?.holder.worker);
      const copy = listed.find(({ worker, silent }) => !silent && worker.id !== copied?.holder.worker);
      if (copied?.lastCopyMs === undefined || holder === undefined || holder.silent || copy === undefined) continue;
      copies.recall(id, copy.worker.id);
      if (copies.leftSec >= 0) return;
    }
  }

  return { look };
}
