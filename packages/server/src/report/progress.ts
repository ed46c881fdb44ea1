import { formatDuration } from "./manifest.ts";
import type { NsideRest } from "../units/eta.ts";
import type { Situation } from "../workers/presence.ts";
import type { NsideOutlook } from "./outlook.ts";

/** What a progress bar or a log line shows. */
export interface ProgressSnapshot {
  readonly scanId: string;
  readonly phase: string;
  /** Fits that are final, and that there will be at least. */
  readonly finalUnits: number;
  readonly predictedUnits: number;
  readonly perSec: number;
  readonly secondsLeft: number | undefined;
  /** What is left of each nside; empty while nothing has been fitted. */
  readonly rest: readonly NsideRest[];
  readonly nsides: readonly NsideOutlook[];
  readonly failedUnits: number;
  readonly workersAlive: number;
  readonly slots: number;
  readonly situation: Situation;
  readonly brokerState: string;
  readonly best:
    | { readonly nside: number; readonly pixel: number; readonly llh: number; readonly raDeg: number; readonly decDeg: number }
    | undefined;
}

/** One line for logs and plain terminals: where the scan is, who works on it, what is wrong. */
export function progressLine(snapshot: ProgressSnapshot): string {
  const percent = snapshot.predictedUnits === 0 ? 0 : (100 * snapshot.finalUnits) / snapshot.predictedUnits;
  const nsides = snapshot.nsides.map((level) => `nside ${level.nside}: ${level.finalPixels}/${level.predictedPixels}`).join(", ");
  return [
    `${percent.toFixed(1)} % (${snapshot.finalUnits} of ${snapshot.predictedUnits} fits; ${nsides})`,
    `${snapshot.perSec.toFixed(1)}/s`,
    ...(snapshot.secondsLeft === undefined ? [] : [`${formatDuration(snapshot.secondsLeft)} left`]),
    snapshot.situation.presence === "no-client" ? "no client has come yet" : snapshot.situation.sentence,
    ...(snapshot.failedUnits > 0 ? [`${snapshot.failedUnits} failed`] : []),
    ...(snapshot.brokerState === "up" ? [] : [`broker ${snapshot.brokerState}`]),
    ...(snapshot.best === undefined
      ? []
      : [
          `best llh ${snapshot.best.llh.toFixed(2)} at RA ${snapshot.best.raDeg.toFixed(2)}, dec ${snapshot.best.decDeg.toFixed(2)} deg`,
        ]),
  ].join(", ");
}
