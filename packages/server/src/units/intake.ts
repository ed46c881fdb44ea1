import type { Broadcaster, Consumer } from "@skyscan/broker";
import {
  ProtocolError,
  decodeWorkers,
  encode,
  foreignSender,
  maxReasonChars,
  packageVersion,
  protocolVersion,
} from "@skyscan/protocol";
import type { WorkerStatus } from "@skyscan/protocol";
import { codeOf, messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { Counters } from "../state/counters.ts";
import type { Workers } from "../workers/workers.ts";

/** A worker that was told to leave and goes on working is told again. */
const toldAgainMs = 15_000;

export interface IntakeOptions {
  readonly scanId: string;
  readonly run: number;
  /** What a client must have, to the letter. */
  readonly reco: WorkerStatus["versions"]["reco"];
  readonly workers: Workers;
  readonly broadcaster: Broadcaster;
  readonly counters: Counters;
  readonly manifest: () => object;
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** `changed`: a worker came, left, or has other slots than before. */
  readonly onBeat: (changed: boolean) => void;
  /** A worker came that was not known. */
  readonly onCame: () => void;
}

/** What comes on the `workers` queue: beats, hellos, goodbyes, and questions for the status. Acked at once: it may be lost. */
export interface Intake {
  consume(consumer: Consumer): Promise<void>;
  /** Tells a worker to hand back what it has not begun and to leave. */
  tellToLeave(worker: string, why: string): void;
}

export function createIntake(options: IntakeOptions): Intake {
  const { workers, counters, logger } = options;
  const common = { v: protocolVersion, scan: options.scanId, run: options.run };

  /** Workers of another protocol version: their beats cannot be read. */
  const refused = new Set<string>();

  function tellToLeave(worker: string, why: string): void {
    counters.workersToldToLeave += 1;
    const host = workers.get(worker)?.host;
    logger.warn({ worker, ...(host !== undefined && { host }), why }, "a worker is told to leave");
    sendLeave(worker, why);
  }

  function sendLeave(worker: string, why: string): void {
    workers.tell(worker, why);
    const message = encode({ ...common, type: "leave", worker, why: why.slice(0, maxReasonChars) });
    options.broadcaster
      .broadcast(message)
      .catch((error: unknown) => logger.warn({ reason: messageOf(error) }, "leave could not be sent"));
  }

  function hear(status: WorkerStatus): void {
    const before = workers.get(status.worker);
    const worker = workers.beat(status);
    if (status.state === "goodbye")
      logger.info(
        { worker: worker.id, host: worker.host, done: worker.done, failed: worker.failed, why: worker.why },
        "a worker left",
      );
    else if (before === undefined) {
      logger.info({ worker: worker.id, host: worker.host, slots: worker.slots }, "a worker came");
      const mismatch = versionMismatch(status.versions, options.reco);
      if (mismatch !== undefined) tellToLeave(worker.id, mismatch);
      options.onCame();
    }
    // It may have been away when it was told.
    if (worker.told !== undefined && status.state === "working" && options.nowMs() - worker.told.atMs > toldAgainMs)
      sendLeave(worker.id, worker.told.why);
    options.onBeat(before?.state !== worker.state || before.slots !== worker.slots || before.lookahead !== worker.lookahead);
  }

  /** What cannot be read may be the beat of a client of another version: it is told to leave, once, in words that it may not read either. */
  function notUnderstood(body: Uint8Array, error: unknown): void {
    counters.invalid += 1;
    const sender = error instanceof ProtocolError && error.code === "foreign-version" ? foreignSender(body) : undefined;
    if (sender?.worker === undefined) {
      logger.warn({ code: codeOf(error), reason: messageOf(error) }, "a worker's message was not understood");
    } else if (!refused.has(sender.worker)) {
      refused.add(sender.worker);
      tellToLeave(sender.worker, protocolMismatch(sender.package ?? "of another version", sender.v));
    }
  }

  return {
    tellToLeave,
    async consume(consumer) {
      for await (const delivery of consumer) {
        delivery.ack();
        try {
          const message = decodeWorkers(delivery.body);
          if (message.scan !== options.scanId) counters.foreign += 1;
          else if (message.type === "worker-status") hear(message);
          else
            await options.broadcaster.broadcast(
              encode({ ...common, type: "status", id: message.id, manifest: options.manifest() }),
            );
        } catch (error) {
          notUnderstood(delivery.body, error);
        }
      }
    },
  };
}

const protocolMismatch = (theirPackage: string, theirProtocol: number): string =>
  `the client (skyscan ${theirPackage}) speaks protocol ${theirProtocol}, the server (skyscan ${packageVersion}) ${protocolVersion}: use the same version`;

/** Why a client cannot take part, in one sentence; undefined when it can. */
function versionMismatch(versions: WorkerStatus["versions"], reco: WorkerStatus["versions"]["reco"]): string | undefined {
  if (versions.protocol !== protocolVersion) {
    return protocolMismatch(versions.package, versions.protocol);
  }
  if (
    versions.reco.name !== reco.name ||
    versions.reco.version !== reco.version ||
    versions.reco.manifestSha256 !== reco.manifestSha256
  ) {
    return `the client's reco ${versions.reco.name} ${versions.reco.version} is not the server's ${reco.name} ${reco.version} to the letter: give both the same reco directory`;
  }
  return undefined;
}
