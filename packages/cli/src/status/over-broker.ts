import { randomBytes } from "node:crypto";
import { openBroker } from "@skyscan/broker";
import { createResolver } from "@skyscan/client";
import { decodeControl, encode, protocolVersion, readStartupFileOf, scanQueues } from "@skyscan/protocol";
import { UsageError, codeOf, deferred, messageOf, processEnvironment, within } from "@skyscan/runtime";
import type { Deferred, Logger } from "@skyscan/runtime";

/** Queues that are missing for so long: nobody serves the scan, seconds. */
const goneSec = 3;

/** A running scan, asked over its broker, with a client's rights. */
export interface BrokerStatus {
  readonly scanId: string;
  /** The server's manifest, or undefined when it does not answer within `ms`. */
  ask(ms: number): Promise<unknown>;
  /** The server has said that the scan is over, or its queues are gone. */
  readonly over: boolean;
  close(): Promise<void>;
}

/**
 * Connects as a client does: the environment's broker and token, else what the startup file says.
 * @throws UsageError when there is no startup file, its scan has ended, or the broker cannot be used; it says which.
 */
export async function openBrokerStatus(startupPath: string, logger: Logger): Promise<BrokerStatus> {
  const found = await readStartupFileOf(startupPath);
  if (found === undefined)
    throw new UsageError(`no startup file at --client-startup-json ${startupPath}: name the one that the server wrote`);
  const { startup } = found;
  if (startup.ended)
    throw new UsageError(
      `the scan ${startup.scan_id} has ended: its manifest is in the server's --output-dir (--output-dir DIR shows it)`,
    );
  const resolve = createResolver({
    path: startupPath,
    found,
    environment: processEnvironment(),
    goneSec,
    logger,
    onEnded: () => undefined,
  });
  const broker = await openBroker(resolve, { logger, purpose: "client" }).catch((error: unknown) => {
    throw new UsageError(`the broker of ${startup.scan_id} cannot be asked: ${messageOf(error)}`, { cause: error });
  });
  const queues = scanQueues(startup.mq_basename);
  let pending: { readonly id: string; readonly answer: Deferred<unknown> } | undefined;
  let over = false;
  const ended = (): void => {
    over = true;
    pending?.answer.resolve(undefined);
  };
  try {
    const listener = await broker.listener(queues.control);
    const publisher = await broker.publisher(queues.workers);
    void (async () => {
      for await (const body of listener) {
        const message = decodeControl(body);
        if (message.scan !== startup.scan_id) continue;
        if (message.type === "end") ended();
        if (message.type === "status" && message.id === pending?.id) pending.answer.resolve(message.manifest);
      }
    })().catch(ended);
    return {
      scanId: startup.scan_id,
      async ask(ms) {
        if (over) return undefined;
        pending = { id: randomBytes(8).toString("hex"), answer: deferred() };
        publisher.publishUnconfirmed(
          encode({ v: protocolVersion, type: "status-request", scan: startup.scan_id, id: pending.id }),
        );
        return within(ms, pending.answer.promise, undefined);
      },
      get over() {
        return over;
      },
      close: () => broker.close(),
    };
  } catch (error) {
    await broker.close();
    if (codeOf(error) !== "queue-gone") throw error;
    throw new UsageError(
      `the queues of ${startup.scan_id} are gone: the scan is over, or its server never came to declare them`,
      {
        cause: error,
      },
    );
  }
}
