import { BrokerError } from "@skyscan/broker";
import { UsageError, messageOf } from "@skyscan/runtime";
import type { FailureCode } from "@skyscan/protocol";
import { isScratchProblem } from "./scratch.ts";

/**
 * Exit statuses of a client. 0 the scan ended; 2 usage, no startup file, or the broker refuses what was configured; 3 nothing came for the idle limit;
 * 4 broker lost for good; 5 stopped by a signal; 6 scratch cannot be written; 7 told to leave, or recos cannot start here. (1, a bug, is what is thrown.)
 */
export type ClientStatus = 0 | 2 | 3 | 4 | 5 | 6 | 7;

/** How a client ended: what the process exits with, and one sentence for the log. */
export interface ClientEnd {
  readonly status: ClientStatus;
  readonly why: string;
}

/**
 * How one scan's session ends. `drain`: fits that run get the grace time, what is held is handed back. Otherwise at once:
 * nobody wants it any more, or nobody can be told.
 */
export interface SessionEnd extends ClientEnd {
  readonly manner: "drain" | "at-once";
  /** The failure code behind it, where one is. */
  readonly whyCode?: FailureCode;
}

/**
 * What an error of the broker or of the disk means for the session, or undefined for what nobody foresaw (a bug).
 * `opening`: refusals are the user's to mend (2) while nothing has worked yet, else the broker is lost (4).
 */
export function endOfError(error: unknown, opening: boolean): SessionEnd | undefined {
  const why = messageOf(error);
  if (isScratchProblem(error)) return { status: 6, why: `scratch cannot be written: ${why}`, manner: "drain" };
  if (error instanceof UsageError) return { status: 2, why, manner: "at-once" };
  if (!(error instanceof BrokerError)) return undefined;
  switch (error.code) {
    case "queue-gone":
      return { status: 0, why: `the scan is over, its queues are gone: ${why}`, manner: "at-once" };
    case "unreachable":
    case "lost":
    case "closed":
    case "full":
      return { status: 4, why: `the broker is lost: ${why}`, manner: "at-once" };
    case "refused-credentials":
    case "refused-right":
    case "mismatch":
    case "unsupported":
    case "locked":
    case "bad-address":
    case "not-installed":
      return opening
        ? { status: 2, why: `the broker cannot be used as configured: ${why}`, manner: "at-once" }
        : { status: 4, why: `the broker is lost: ${why}`, manner: "at-once" };
  }
}

/** One end for a client that served several scans: a signal first, else the first that went wrong, else 0, also when some sent it away; 7 when all did. */
export function overallEnd(ends: readonly ClientEnd[]): ClientEnd {
  const bySignal = ends.find((end) => end.status === 5);
  const wrong = ends.find((end) => end.status !== 0 && end.status !== 7);
  const well = ends.find((end) => end.status === 0);
  return bySignal ?? wrong ?? well ?? ends[0] ?? { status: 0, why: "there was no scan to serve" };
}
