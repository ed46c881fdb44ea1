import { ringToSky } from "@skyscan/healpix";
import { parseUnitId } from "@skyscan/protocol";
import type { Conduct } from "../workers/conduct.ts";
import type { Counters } from "../state/counters.ts";
import type { Dispatch } from "../units/dispatch.ts";
import type { Figures } from "../units/figures.ts";
import type { ScanInputs } from "../request/inputs.ts";
import { makeManifest } from "./manifest.ts";
import type { ScanPhase } from "./manifest.ts";
import type { ScanNumbers } from "./metrics.ts";
import { outlook } from "./outlook.ts";
import { globalBest } from "../sky/pixels.ts";
import type { ProgressSnapshot } from "./progress.ts";
import type { OpenedScan } from "../cache/scan-cache.ts";
import { makePayload } from "../sky/seeds.ts";
import type { Workers } from "../workers/workers.ts";

export interface ViewOptions {
  readonly inputs: ScanInputs;
  readonly opened: OpenedScan;
  readonly dispatch: Dispatch;
  readonly workers: Workers;
  readonly conduct: Pick<Conduct, "situation" | "resultsByHost">;
  readonly counters: Counters;
  readonly figures: Figures;
  readonly threshold: number;
  readonly startedMs: number;
  readonly nowMs: () => number;
  /** In one word each. */
  readonly phase: () => ScanPhase;
  readonly brokerState: () => string;
}

/** A running scan as people and programs see it; changes nothing. */
export interface View {
  snapshot(): ProgressSnapshot;
  manifest(phase?: ScanPhase): object;
  /** The manifest with short lists: it goes to every client that listens. */
  briefManifest(): object;
  /** For metrics. */
  numbers(): ScanNumbers;
  /** Where a unit is and what it went through. */
  unit(id: string): object;
}

/** Units, hosts and workers that are listed in what is broadcast. */
const listedInBrief = 50;

const unitStateWords = ["planned", "outstanding", "done", "failed"];

export function createView(options: ViewOptions): View {
  const { inputs, opened, workers, figures, nowMs } = options;
  const { state, scanId, run } = opened;

  function bestFit(): { nside: number; pixel: number; llh: number; raDeg: number; decDeg: number } | undefined {
    const best = globalBest(state.tables);
    if (best === undefined) return undefined;
    const { raRad, decRad } = ringToSky(best.nside, best.pixel);
    return { ...best, raDeg: (raRad * 180) / Math.PI, decDeg: (decRad * 180) / Math.PI };
  }

  function snapshot(): ProgressSnapshot {
    const levels = outlook(state, inputs.pointed === undefined ? undefined : state.tables.get(state.steps[0]!.nside)?.rows);
    const predictedUnits = levels.reduce((sum, level) => sum + level.predictedPixels * state.posvars, 0);
    const { count, slots } = workers.tally;
    const remaining = levels.map((level) => ({
      nside: level.nside,
      units: level.predictedPixels * state.posvars - level.finalUnits,
    }));
    return {
      scanId,
      phase: options.phase(),
      finalUnits: state.finalUnits,
      predictedUnits,
      perSec: figures.perSec(),
      secondsLeft: figures.eta.secondsLeft(remaining, slots),
      rest: figures.eta.rest(remaining, slots),
      nsides: levels,
      failedUnits: state.failedUnits.length,
      workersAlive: count,
      slots,
      situation: options.conduct.situation(),
      brokerState: options.brokerState(),
      best: bestFit(),
    };
  }

  function manifest(phase: ScanPhase, listed?: number): object {
    const { runId, eventId, eventType, mjd } = inputs.event.metadata;
    const now = snapshot();
    return makeManifest(
      {
        phase,
        summary: `${inputs.event.name}: ${state.finalUnits} of ${now.predictedUnits} fits, ${now.situation.sentence}`,
        scanId,
        run,
        event: { runId, eventId, eventType, mjd, isRealEvent: inputs.isRealEvent },
        reco: {
          name: inputs.reco.manifest.name,
          version: inputs.reco.manifest.version,
          options: inputs.recoOptions,
          calibrated_levels: inputs.reco.manifest.calibratedLevels,
        },
        state,
        outlook: now.nsides,
        threshold: options.threshold,
        startedMs: options.startedMs,
        firstPublishMs: figures.firstPublishMs,
        firstOutcomeMs: figures.firstOutcomeMs,
        firstRuntimeSec: figures.firstRuntimeSec,
        nowMs: nowMs(),
        secondsLeft: now.secondsLeft,
        rest: now.rest,
        workerTime: figures.workerTime,
        roundTrip: figures.roundTrip,
        workers: [...workers.all],
        situation: now.situation,
        hosts: state.hosts,
        resultsByHost: options.conduct.resultsByHost,
        broker: now.brokerState,
        counters: options.counters,
        best: now.best,
      },
      listed,
    );
  }

  return {
    snapshot,
    manifest: (phase = options.phase()) => manifest(phase),
    briefManifest: () => manifest(options.phase(), listedInBrief),
    numbers() {
      const now = snapshot();
      const failedByNside = new Map<number, number>();
      for (const { nside } of state.failedUnits) failedByNside.set(nside, (failedByNside.get(nside) ?? 0) + 1);
      return {
        phase: options.phase(),
        nsides: now.nsides,
        posvars: state.posvars,
        failedByNside,
        outstandingUnits: options.dispatch.outstanding.size,
        waitingUnits: options.dispatch.waiting,
        workers: [...workers.all],
        secondsLeft: now.secondsLeft,
        bestLlh: now.best?.llh,
        brokerUp: now.brokerState === "up",
        counters: options.counters,
      };
    },
    unit(id) {
      const unit = parseUnitId(id);
      const table = unit && state.tables.get(unit.nside);
      if (unit === undefined || table === undefined || !state.isKnown(unit)) {
        return { error: `no unit ${id} in this scan; units are nside/pixel/variation` };
      }
      const row = table.rowOf(unit.pixel);
      const trouble = state.troubleOf(unit);
      const out = options.dispatch.outstanding.get(id);
      return {
        unit: id,
        state: unitStateWords[table.stateOf(row, unit.posvar)],
        attempt: state.attemptOf(unit),
        seededBy: table.sourceAt(row) ?? "the event's own seed",
        asked: makePayload(inputs.seedRules, state.tables, unit),
        pixelBest: table.complete(row) ? table.bestAt(row) : null,
        outForSec: out === undefined ? null : (nowMs() - out.sinceMs) / 1000,
        holder: out?.holder ?? workers.alive.find((worker) => worker.holding.has(id))?.id ?? null,
        failures: trouble?.failures ?? [],
        deadLetterArrivals: trouble?.deadArrivals ?? 0,
        workersLost: [...(trouble?.lostWorkers ?? [])],
      };
    },
  };
}
