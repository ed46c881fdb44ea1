import type { Counters } from "../state/counters.ts";
import { formatNsides } from "../sky/nsides.ts";
import type { NsideOutlook } from "./outlook.ts";
import type { HostRecord } from "../state/host-records.ts";
import { failuresPart, workersPart } from "./manifest-people.ts";
import type { Situation } from "../workers/presence.ts";
import type { NsideRest } from "../units/eta.ts";
import type { ScanState } from "../state/scan-state.ts";
import type { Durations } from "../state/statistics.ts";
import type { Worker } from "../workers/workers.ts";

/** What the scan is doing, in one word. */
export type ScanPhase =
  | "starting"
  | "recovering"
  | "scanning"
  | "finished"
  | "stopped"
  | "timed-out"
  | "finished-early"
  | "nothing-succeeds"
  | "broken";

/** Everything the manifest is made of. */
export interface ManifestFacts {
  readonly phase: ScanPhase;
  readonly summary: string;
  readonly scanId: string;
  readonly run: number;
  readonly event: {
    readonly runId: number;
    readonly eventId: number;
    readonly eventType: string;
    readonly mjd: number;
    readonly isRealEvent: boolean;
  };
  readonly reco: {
    readonly name: string;
    readonly version: string;
    readonly options: Readonly<Record<string, string>>;
    readonly calibrated_levels: Readonly<Record<string, number>> | null;
  };
  readonly state: ScanState;
  readonly outlook: readonly NsideOutlook[];
  readonly threshold: number;
  readonly startedMs: number;
  readonly firstPublishMs: number | undefined;
  readonly firstOutcomeMs: number | undefined;
  readonly firstRuntimeSec: number | undefined;
  readonly nowMs: number;
  readonly secondsLeft: number | undefined;
  readonly rest: readonly NsideRest[];
  readonly workerTime: ReadonlyMap<number, Durations>;
  readonly roundTrip: ReadonlyMap<number, Durations>;
  readonly workers: readonly Worker[];
  readonly situation: Situation;
  /** What is held against each host, and its results since this server's start. */
  readonly hosts: { readonly all: Iterable<HostRecord> };
  readonly resultsByHost: ReadonlyMap<string, number>;
  /** `up`, or what is wrong with it. */
  readonly broker: string;
  readonly counters: Counters;
  readonly best:
    | { readonly nside: number; readonly pixel: number; readonly llh: number; readonly raDeg: number; readonly decDeg: number }
    | undefined;
}

/** How many failed units, hosts and workers are listed one by one in the file; the rest are in the totals. */
const listedInFile = 1000;
const isoTime = (ms: number): string => new Date(ms).toISOString();
const share = (part: number, whole: number): string => `${part}/${whole} (${whole === 0 ? "0" : (part / whole).toFixed(4)})`;

/** H:MM:SS */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/**
 * `scan-manifest.json`: the keys of the predecessor's, and what it did not have: state, workers, hosts, failures, counters.
 * `listed`: how many units, hosts and workers are listed one by one.
 */
export function makeManifest(facts: ManifestFacts, listed: number = listedInFile): object {
  const { state, event } = facts;
  const donePixels = facts.outlook.reduce((sum, level) => sum + level.finalPixels, 0);
  const predictedPixels = facts.outlook.reduce((sum, level) => sum + level.predictedPixels, 0);
  const over = facts.phase === "finished";
  return {
    progress: {
      summary: facts.summary,
      epilogue: over ? "The scan is complete." : "",
      tallies: {
        nsides: Object.fromEntries(facts.outlook.map((level) => [String(level.nside), nsideTally(level, state.posvars)])),
        "total pixels": donePixels,
        "total recos": state.finalUnits,
        "est. scan percent": share(donePixels, predictedPixels),
      },
      processing_stats: processingStats(facts),
      predictive_scanning_threshold: facts.threshold,
      last_updated: isoTime(facts.nowMs),
    },
    event_metadata: {
      run_id: event.runId,
      event_id: event.eventId,
      event_type: event.eventType,
      mjd: event.mjd,
      is_real_event: event.isRealEvent,
      version: 1,
    },
    scan_metadata: {
      scan_id: facts.scanId,
      nside_progression: Object.fromEntries(state.steps.map((step) => [String(step.nside), step.extension])),
      position_variations: state.posvars,
      nsides: formatNsides(state.steps),
      reco: facts.reco,
      run: facts.run,
    },
    state: facts.phase,
    complete: over,
    preliminary: !over,
    best_fit: facts.best ?? null,
    broker: facts.broker,
    workers: workersPart(facts, listed),
    failures: failuresPart(state.failedUnits, listed),
    counters: facts.counters,
  };
}

function nsideTally(level: NsideOutlook, posvars: number): object {
  if (level.plannedPixels === 0)
    return { done: 0, "est. percent": `N/A (${level.predictedPixels} predicted)`, "est. percent (recos)": "N/A" };
  return {
    done: level.finalPixels,
    planned: level.plannedPixels,
    "est. percent": share(level.finalPixels, level.predictedPixels),
    "est. percent (recos)": share(level.finalUnits, level.predictedPixels * posvars),
  };
}

function processingStats(facts: ManifestFacts): object {
  const elapsedSec = (facts.nowMs - facts.startedMs) / 1000;
  const recoSec = facts.firstPublishMs === undefined ? undefined : (facts.nowMs - facts.firstPublishMs) / 1000;
  const firstWorkerMs =
    facts.firstOutcomeMs === undefined ? undefined : facts.firstOutcomeMs - 1000 * (facts.firstRuntimeSec ?? 0);
  const rates = Object.fromEntries(
    [...facts.workerTime].map(([nside, durations]) => [
      `nside-${nside}`,
      { "worker time": durations.summary(), "round-trip time": facts.roundTrip.get(nside)?.summary() },
    ]),
  );
  const over = facts.phase === "finished";
  return {
    start: {
      "scanner start": isoTime(facts.startedMs),
      "reco start (on server)": facts.firstPublishMs === undefined ? null : isoTime(facts.firstPublishMs),
      "reco start (on first worker)": firstWorkerMs === undefined ? null : isoTime(firstWorkerMs),
    },
    runtime: {
      elapsed: formatDuration(elapsedSec),
      "startup runtime":
        facts.firstPublishMs === undefined ? null : formatDuration((facts.firstPublishMs - facts.startedMs) / 1000),
      "reco runtime (on server)": recoSec === undefined ? null : formatDuration(recoSec),
      "reco start delay (on first worker)":
        firstWorkerMs === undefined || facts.firstPublishMs === undefined
          ? null
          : formatDuration((firstWorkerMs - facts.firstPublishMs) / 1000),
    },
    rate: rates,
    ...(over
      ? { end: isoTime(facts.nowMs), finished: true }
      : {
          predictions: {
            "time left": facts.secondsLeft === undefined ? null : formatDuration(facts.secondsLeft),
            "total runtime at finish": facts.secondsLeft === undefined ? null : formatDuration(elapsedSec + facts.secondsLeft),
            "total # of reconstructions": facts.outlook.reduce(
              (sum, level) => sum + level.predictedPixels * facts.state.posvars,
              0,
            ),
            end: facts.secondsLeft === undefined ? null : isoTime(facts.nowMs + 1000 * facts.secondsLeft),
            rest: facts.rest.map(({ nside, units, slotSecPerUnit }) => ({
              nside,
              recos: units,
              "slot seconds per reco": slotSecPerUnit,
            })),
          },
        }),
  };
}
