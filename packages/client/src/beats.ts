import type { Publisher } from "@skyscan/broker";
import { beatSec, encode, maxHoldingUnits, maxReasonChars, packageVersion, protocolVersion } from "@skyscan/protocol";
import type { WorkerStatus } from "@skyscan/protocol";
import type { RecoIdentity } from "./reco-match.ts";

/** Who a session is to the server. */
export interface WorkerIdentity {
  readonly scan: string;
  readonly worker: string;
  readonly host: string;
  readonly slots: number;
  readonly reco: RecoIdentity;
}

/** What changes from beat to beat. */
export type WorkerNow = Pick<WorkerStatus, "done" | "failed" | "holding" | "lookahead" | "state"> &
  Partial<Pick<WorkerStatus, "why" | "whyCode">>;

/** So long after a beat another that is asked for waits, milliseconds. */
const gatherMs = 50;

/** One status message. */
export function workerStatus(identity: WorkerIdentity, now: WorkerNow): WorkerStatus {
  const { reco, ...who } = identity;
  return {
    v: protocolVersion,
    type: "worker-status",
    ...who,
    ...now,
    holding: now.holding.slice(0, maxHoldingUnits),
    ...(now.why === undefined ? {} : { why: now.why.slice(0, maxReasonChars) }),
    versions: {
      protocol: protocolVersion,
      package: packageVersion,
      reco: { name: reco.name, version: reco.version, manifestSha256: reco.manifestSha256 },
    },
  };
}

/** Status messages on the `workers` queue, unconfirmed: a lost one costs nothing, the next comes soon. */
export interface Beats {
  /** One now, besides the regular ones. */
  beat(): void;
  /** As `beat`, but a few in a row become one: each names all that is held, which may be thousands of units. */
  beatSoon(): void;
  /** The last one; no more follow. */
  goodbye(why: string, whyCode?: string): void;
}

/** Says hello and goes on saying that it lives until `goodbye`. */
export function startBeats(
  publisher: Publisher,
  identity: WorkerIdentity,
  now: () => Pick<WorkerNow, "done" | "failed" | "holding" | "lookahead"> & { readonly draining: boolean },
): Beats {
  let over = false;
  const send = (state: WorkerStatus["state"], more: Partial<WorkerNow> = {}): void => {
    if (over) return;
    const { done, failed, holding, lookahead } = now();
    publisher.publishUnconfirmed(encode(workerStatus(identity, { done, failed, holding, lookahead, state, ...more })));
  };
  const beat = (): void => send(now().draining ? "draining" : "working");
  let gathering: NodeJS.Timeout | undefined;
  let wanted = false;
  function beatSoon(): void {
    if (gathering !== undefined) {
      wanted = true;
      return;
    }
    beat();
    gathering = setTimeout(() => {
      gathering = undefined;
      if (wanted) beatSoon();
      wanted = false;
    }, gatherMs);
  }
  send("hello");
  const timer = setInterval(beat, beatSec * 1000);
  return {
    beat,
    beatSoon,
    goodbye(why, whyCode) {
      send("goodbye", { why, ...(whyCode === undefined ? {} : { whyCode }) });
      over = true;
      clearInterval(timer);
      clearTimeout(gathering);
    },
  };
}
