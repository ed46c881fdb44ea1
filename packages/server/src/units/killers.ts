import type { Broadcaster } from "@skyscan/broker";
import { encode, formatUnitId, protocolVersion } from "@skyscan/protocol";
import { messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { Journal } from "../journal/journal.ts";
import type { ScanState } from "../state/scan-state.ts";

/** The newest are told of; who takes so many clients down has other worries. */
const toldAtMost = 1000;

export interface KillersOptions {
  readonly scanId: string;
  readonly run: number;
  readonly state: ScanState;
  readonly journal: Journal;
  readonly broadcaster: Broadcaster;
  readonly logger: Logger;
}

/** The units that were given up because they take their clients down. */
export interface Killers {
  /** Somebody does not know of them all: another one was given up, or a client came. */
  due(): void;
  /**
   * Tells all clients that they are final, if that is due: once for all that came meanwhile. A broker that does not count right what was lost with a
   * client may never set such a unit's message aside, but goes on handing it out: to somebody who acks it unfitted.
   */
  tell(): void;
}

export function createKillers({ scanId, run, state, journal, broadcaster, logger }: KillersOptions): Killers {
  let isDue = false;
  return {
    due() {
      isDue = true;
    },
    tell() {
      if (!isDue) return;
      isDue = false;
      const units = state.failedUnits
        .filter(({ code }) => code === "killed")
        .slice(-toldAtMost)
        .map(({ nside, pixel, posvar }) => formatUnitId(nside, pixel, posvar));
      if (units.length === 0) return;
      // n.b. a client acks what it is told to end: that it is final must be on disk by then.
      journal.afterDurable(() => {
        broadcaster
          .broadcast(encode({ v: protocolVersion, scan: scanId, run, type: "cancel", units }))
          .catch((error: unknown) =>
            logger.warn({ reason: messageOf(error) }, "clients could not be told of units that take clients down"),
          );
      });
    },
  };
}
