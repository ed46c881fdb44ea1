import type { Outcome, ReplyMessage } from "@skyscan/protocol";
import { formatUnitId } from "@skyscan/protocol";
import type { Logger } from "@skyscan/runtime";
import type { Journal } from "../journal/journal.ts";
import { situationOf } from "./presence.ts";
import type { Presence, Situation } from "./presence.ts";
import { createQuarantine } from "./quarantine.ts";
import type { QuarantineVerdict } from "./quarantine.ts";
import type { ScanState } from "../state/scan-state.ts";
import type { Workers } from "./workers.ts";

/** Nobody is expected before this is over. */
const firstClientMs = 30_000;
const loggedStderrChars = 500;

export interface ConductOptions {
  readonly state: ScanState;
  readonly journal: Journal;
  readonly workers: Workers;
  readonly run: number;
  readonly tellToLeave: (worker: string, why: string) => void;
  readonly nowMs: () => number;
  readonly logger: Logger;
}

/** How the clients do: who fails what others do must leave, and what there is of them is said as soon as it changes. */
export interface Conduct {
  /** A result or a failure came. */
  outcome(reply: ReplyMessage, outcome: Outcome & { readonly kind: "result" | "failure" }): void;
  /** Some host has answered, and another that is alive has not: nobody is to hurry to the verdict that nothing succeeds. */
  someOweAnAnswer(): boolean;
  /** Hosts from which any result or failure came. */
  readonly answeredHosts: ReadonlySet<string>;
  /** Results by host, since this server's start. */
  readonly resultsByHost: ReadonlyMap<string, number>;
  situation(): Situation;
  /** Logs a change of the situation: call when workers come and go, and about once a second. */
  watch(): void;
}

export function createConduct(options: ConductOptions): Conduct {
  const { state, journal, workers, logger, nowMs } = options;
  const quarantine = createQuarantine();
  for (const record of state.hosts.all) if (record.toldToLeave.length > 0) quarantine.remember(record.host);
  const answeredHosts = new Set<string>();
  const resultsByHost = new Map<string, number>();
  const startedMs = nowMs();
  let failuresInRow = 0;
  let said: Presence = "working";

  function send({ worker, host, why }: QuarantineVerdict): void {
    const record = { type: "sent-away", host, worker, why } as const;
    state.apply(record);
    journal.append(record);
    const last = state.hosts.get(host)?.last;
    logger.warn(
      {
        worker,
        host,
        why,
        ...(last !== undefined && {
          unit: formatUnitId(last.nside, last.pixel, last.posvar),
          code: last.code,
          reason: last.message,
          stderr: last.stderrTail.slice(-loggedStderrChars),
        }),
      },
      "a worker fails what others do",
    );
    options.tellToLeave(worker, why);
  }

  const situation = (): Situation =>
    situationOf({
      run: options.run,
      workers: [...workers.all],
      proven: state.resultUnits > 0,
      failuresInRow,
      lastFailure: state.lastFailure,
    });

  return {
    outcome(reply, outcome) {
      answeredHosts.add(reply.host);
      const failed = outcome.kind === "failure";
      failuresInRow = failed ? failuresInRow + 1 : 0;
      if (!failed) resultsByHost.set(reply.host, (resultsByHost.get(reply.host) ?? 0) + 1);
      for (const verdict of quarantine.outcome(reply.worker, reply.host, failed)) send(verdict);
    },
    someOweAnAnswer: () => answeredHosts.size > 0 && workers.alive.some((worker) => !answeredHosts.has(worker.host)),
    answeredHosts,
    resultsByHost,
    situation,
    watch() {
      const now = situation();
      if (now.presence === said) return;
      if (now.presence === "no-client" && nowMs() - startedMs < firstClientMs) return;
      const fields = { presence: now.presence };
      if (now.presence !== "working") logger.warn(fields, now.sentence);
      else if (said !== "no-client") logger.info(fields, `it goes on: ${now.sentence}`);
      said = now.presence;
    },
  };
}
