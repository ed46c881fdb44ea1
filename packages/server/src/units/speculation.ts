import type { Broadcaster } from "@skyscan/broker";
import { encode, protocolVersion } from "@skyscan/protocol";
import type { Outcome, ReplyMessage } from "@skyscan/protocol";
import { messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { createCopies } from "./copies.ts";
import type { Copies } from "./copies.ts";
import type { Counters } from "../state/counters.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Journal } from "../journal/journal.ts";
import type { UnitKey } from "../sky/unit-key.ts";
import { createPeers } from "./peers.ts";
import { mustRunAlone } from "../state/attempts.ts";
import type { ScanState } from "../state/scan-state.ts";
import { createStragglers } from "./stragglers.ts";
import type { Workers } from "../workers/workers.ts";

export interface SpeculationOptions {
  /** SKYSCAN_SPECULATION. */
  readonly enabled: boolean;
  readonly scanId: string;
  readonly run: number;
  readonly state: ScanState;
  readonly journal: Journal;
  readonly dispatch: Dispatch;
  readonly workers: Workers;
  readonly broadcaster: Broadcaster;
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly logger: Logger;
}

/** Copies of late units to idle slots (stragglers.ts says which, copies.ts how many): this feeds them and lets them act. */
export interface Speculation {
  readonly copies: Copies;
  /** A result or failure arrived, of whatever unit. */
  outcome(reply: ReplyMessage, outcome: Outcome, unit: UnitKey): void;
  /** Once a second. */
  tick(): void;
}

export function createSpeculation(options: SpeculationOptions): Speculation {
  const { scanId, run, state, dispatch, workers, broadcaster, nowMs, logger } = options;
  const copies = createCopies(options);
  const peers = createPeers();

  function askWhoHolds(): void {
    broadcaster
      .broadcast(encode({ v: protocolVersion, scan: scanId, run, type: "who-holds" }))
      .catch((error: unknown) => logger.debug({ reason: messageOf(error) }, "who-holds could not be sent"));
  }
  function isSuspect(unit: UnitKey): boolean {
    const trouble = state.troubleOf(unit);
    return trouble !== undefined && mustRunAlone(trouble);
  }
  const stragglers = createStragglers({ dispatch, workers, peers, copies, isSuspect, askWhoHolds, nowMs });

  return {
    copies,
    outcome(reply, outcome, unit) {
      if (outcome.kind === "result") peers.add(unit.nside, reply.worker, outcome.runtimeSec);
    },
    tick() {
      if (options.enabled) stragglers.look();
    },
  };
}
