import type { Publisher } from "@skyscan/broker";
import { beatSec, encode, maxHoldingUnits, maxReasonChars, packageVersion, protocolVersion } from "@skyscan/protocol";
import type { WorkerStatus } from "@skyscan/protocol";
import { within } from "@skyscan/runtime";
import type { RecoIdentity } from "./reco-match.ts";

/** Who a session is to the server. */
export interface WorkerIdentity {
  readonly scan: string;
  readonly worker: string;
  readonly host: string;
  readonly reco: RecoIdentity;
}

/** What changes from beat to beat. */
export type WorkerNow = Pick<WorkerStatus, "slots" | "done" | "failed" | "holding" | "lookahead" | "state"> &
  Partial<Pick<WorkerStatus, "why" | "whyCode">>;

/** So long after a beat another that is asked for waits, milliseconds. */
const gatherMs = 10;
/** The broker is waited for at most so long: a fit is worth more than that somebody knows of it. */
const tellMs = 1000;

/** No more mentions than so many in so long: each names all that is held, and the server reads those of every client. */
const mentions = { most: 5, inMs: 5000 };

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

/** Status messages on the `workers` queue. A lost one costs nothing, the next comes soon: they are sent unconfirmed, but for `tell`. */
export interface Beats {
  /** One now, besides the regular ones. */
  beat(): void;
  /**
   * As `beat`, and resolves when the broker has it (or was waited for in vain). A few in a row become one: each names all that is held, which may be
   * thousands of units.
   */
  tell(): Promise<void>;
  /** As `beat`, in a moment and together with what comes until then; no more than a few times in a few seconds. */
  mention(): void;
  /** The last one; no more follow. */
  goodbye(why: string, whyCode?: string): void;
}

/** Says hello and goes on saying that it lives until `goodbye`. */
export function startBeats(
  publisher: Publisher,
  identity: WorkerIdentity,
  now: () => Pick<WorkerNow, "slots" | "done" | "failed" | "holding" | "lookahead"> & { readonly draining: boolean },
): Beats {
  let over = false;
  const encoded = (state: WorkerStatus["state"], more: Partial<WorkerNow> = {}): Uint8Array => {
    const { draining: _, ...rest } = now();
    return encode(workerStatus(identity, { ...rest, state, ...more }));
  };
  const send = (...status: Parameters<typeof encoded>): void => {
    if (!over) publisher.publishUnconfirmed(encoded(...status));
  };
  const atWork = (): WorkerStatus["state"] => (now().draining ? "draining" : "working");
  const beat = (): void => send(atWork());
  let gathered = Promise.resolve();
  let telling: Promise<void> | undefined;
  function tell(): Promise<void> {
    telling ??= gathered.then(async () => {
      telling = undefined;
      if (over) return;
      gathered = new Promise((resolve) => void setTimeout(resolve, gatherMs));
      await within(tellMs, publisher.publish(encoded(atWork())), undefined).catch(() => undefined);
    });
    return telling;
  }
  const mentionedMs: number[] = [];
  let mentioning: NodeJS.Timeout | undefined;
  function mention(): void {
    if (over || mentioning !== undefined) return;
    const nowMs = performance.now();
    const full = mentionedMs.length === mentions.most;
    const waitMs = Math.max(gatherMs, full ? mentionedMs.shift()! + mentions.inMs - nowMs : 0);
    mentionedMs.push(nowMs + waitMs);
    mentioning = setTimeout(() => {
      mentioning = undefined;
      beat();
    }, waitMs);
  }
  send("hello");
  const timer = setInterval(beat, beatSec * 1000);
  return {
    beat,
    tell,
    mention,
    goodbye(why, whyCode) {
      send("goodbye", { why, ...(whyCode === undefined ? {} : { whyCode }) });
      over = true;
      clearInterval(timer);
      clearTimeout(mentioning);
    },
  };
}
