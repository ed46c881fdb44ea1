import type { FittedVariation, UnitHistory } from "@skyscan/server";

/** What a running server knows beside the journal. */
export interface LiveUnit {
  readonly state?: unknown;
  readonly holder?: unknown;
  readonly outForSec?: unknown;
  readonly asked?: unknown;
}

const number = (value: number, digits = 3): string => (Number.isFinite(value) ? value.toFixed(digits) : "NaN");
const llhOf = (fit: FittedVariation): string => `llh ${number(fit.llh)}`;
const whoOf = (fit: FittedVariation): string => (fit.host === undefined ? "" : ` on ${fit.host} (${fit.worker ?? "?"})`);
const indented = (text: string): string[] =>
  text.trimEnd() === ""
    ? []
    : text
        .trimEnd()
        .split("\n")
        .slice(-8)
        .map((line) => `             | ${line}`);

/** A unit's history for people. `live`: what its running server says, when there is one. */
export function describeUnit(history: UnitHistory, live: LiveUnit | undefined): readonly string[] {
  const { result, gaveUp, seed, winner } = history;
  return [
    `unit       ${history.unit} of ${history.scanId}`,
    `direction  RA ${number(history.raDeg)} deg, dec ${number(history.decDeg)} deg`,
    `state      ${stateWords(history, live)}`,
    seed === undefined
      ? "seed       the event's own"
      : `seed       the best fit of nside ${seed.nside}, pixel ${seed.pixel}${seed.best === undefined ? "" : `: ${llhOf(seed.best)}, ${vertexOf(seed.best)}`}`,
    `attempts   ${history.attempt}${history.failures.length > 0 ? `, ${history.failures.length} failed` : ""}`,
    ...history.failures.flatMap((failure) => [
      `  ${String(failure.attempt).padStart(3)}.      ${failure.code} on ${failure.host} (${failure.worker}): ${failure.message}`,
      ...indented(failure.stderrTail),
    ]),
    ...(history.deadLetterArrivals > 0 ? [`dead       came to the dead-letter queue ${history.deadLetterArrivals} times`] : []),
    ...history.workersLost.map((worker) => `lost       ${worker} was lost while it fitted this`),
    ...(result === undefined
      ? []
      : [`result     ${llhOf(result)}, ${number(result.runtimeSec)} s${whoOf(result)}; ${vertexOf(result)}`]),
    ...(gaveUp === undefined ? [] : [`given up   ${gaveUp.code}: ${gaveUp.message}`]),
    `pixel      ${history.fitted.length} of ${history.variations} variations fitted${winner === undefined ? "" : `; the winner is ${winner.posvar}: ${llhOf(winner)}${whoOf(winner)}`}`,
  ];
}

const vertexOf = ({ x, y, z, t }: FittedVariation): string =>
  `x ${number(x, 1)} m, y ${number(y, 1)} m, z ${number(z, 1)} m, t ${number(t, 1)} ns`;

function stateWords({ state }: UnitHistory, live: LiveUnit | undefined): string {
  if (state !== "open") return state;
  if (live === undefined) return "open; no server answers";
  const since = typeof live.outForSec === "number" ? ` for ${Math.round(live.outForSec)} s` : "";
  const holder = typeof live.holder === "string" ? `, at ${live.holder}` : "";
  return `${typeof live.state === "string" ? live.state : "open"}${since}${holder}`;
}
