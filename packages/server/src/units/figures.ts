import type { Outcome } from "@skyscan/protocol";
import type { OutstandingUnit } from "./dispatch.ts";
import { createEta } from "./eta.ts";
import type { Eta } from "./eta.ts";
import { createDurations, createRateWindow } from "../state/statistics.ts";
import type { Durations } from "../state/statistics.ts";

/** What is measured while a scan runs, for the manifest and the time that is left. */
export interface Figures {
  /** Units have gone out. */
  published(): void;
  outcome(outcome: Outcome & { kind: "result" | "failure" }, nside: number, out: OutstandingUnit | undefined): void;
  readonly firstPublishMs: number | undefined;
  readonly firstOutcomeMs: number | undefined;
  readonly firstRuntimeSec: number | undefined;
  /** By nside. */
  readonly workerTime: ReadonlyMap<number, Durations>;
  readonly roundTrip: ReadonlyMap<number, Durations>;
  perSec(): number;
  readonly eta: Eta;
}

export function createFigures(nowMs: () => number): Figures {
  const rate = createRateWindow();
  const eta = createEta();
  const workerTime = new Map<number, Durations>();
  const roundTrip = new Map<number, Durations>();
  let firstPublishMs: number | undefined;
  let firstOutcomeMs: number | undefined;
  let firstRuntimeSec: number | undefined;
  return {
    published() {
      firstPublishMs ??= nowMs();
    },
    outcome(outcome, nside, out) {
      if (firstOutcomeMs === undefined) {
        firstOutcomeMs = nowMs();
        firstRuntimeSec = outcome.runtimeSec;
      }
      if (outcome.kind !== "result") return;
      rate.add(nowMs());
      eta.fitted(nside, outcome.runtimeSec, nowMs());
      durationsOf(workerTime, nside).add(outcome.runtimeSec);
      if (out !== undefined) durationsOf(roundTrip, nside).add((nowMs() - out.sinceMs) / 1000);
    },
    get firstPublishMs() {
      return firstPublishMs;
    },
    get firstOutcomeMs() {
      return firstOutcomeMs;
    },
    get firstRuntimeSec() {
      return firstRuntimeSec;
    },
    workerTime,
    roundTrip,
    perSec: () => rate.perSec(nowMs()),
    eta,
  };
}

function durationsOf(map: Map<number, Durations>, nside: number): Durations {
  const known = map.get(nside) ?? createDurations();
  map.set(nside, known);
  return known;
}
