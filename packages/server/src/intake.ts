import type { Broadcaster, Consumer } from "@skyscan/broker";
import { decodeWorkers, encode, packageVersion, protocolVersion } from "@skyscan/protocol";
import type { WorkerStatus } from "@skyscan/protocol";
import { codeOf, messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { Counters } from "./counters.ts";
import type { Workers } from "./workers.ts";

export interface IntakeOptions {
  readonly scanId: string;
  readonly run: number;
  /** What a client must have, to the letter. */
  readonly reco: WorkerStatus["versions"]["reco"];
  readonly workers: Workers;
  readonly broadcaster: Broadcaster;
  readonly counters: Counters;
  readonly manifest: () => object;
  readonly logger: Logger;
  readonly onBeat: () => void;
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

  function tellToLeave(worker: string, why: string): void {
    counters.workersToldToLeave += 1;
    logger.warn({ worker, why }, "a worker is told to leave");
    const message = encode({ ...common, type: "leave", worker, why });
    options.broadcaster
      .broadcast(message)
      .catch((error: unknown) => logger.warn({ reason: messageOf(error) }, "leave could not be sent"));
  }

  function hear(status: WorkerStatus): void {
    const known = workers.get(status.worker) !== undefined;
    const worker = workers.beat(status);
    if (status.state === "goodbye")
      logger.info(
        { worker: worker.id, host: worker.host, done: worker.done, failed: worker.failed, why: worker.why },
        "a worker left",
      );
    else if (!known) {
      logger.info({ worker: worker.id, host: worker.host, slots: worker.slots }, "a worker came");
      const mismatch = versionMismatch(status.versions, options.reco);
      if (mismatch !== undefined) tellToLeave(worker.id, mismatch);
    }
    options.onBeat();
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
          counters.invalid += 1;
          logger.warn({ code: codeOf(error), reason: messageOf(error) }, "a worker's message was not understood");
        }
      }
    },
  };
}

/** Why a client cannot take part, in one sentence; undefined when it can. */
function versionMismatch(versions: WorkerStatus["versions"], reco: WorkerStatus["versions"]["reco"]): string | undefined {
  if (versions.protocol !== protocolVersion) {
    return `the client (skyscan ${versions.package}) speaks protocol ${versions.protocol}, the server (skyscan ${packageVersion}) ${protocolVersion}: use the same version`;
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
