import type { Channel } from "amqplib";
import { deferred, pause } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { Lock } from "../../broker.ts";
import { BrokerError } from "../../errors.ts";
import type { Supervisor } from "../../supervisor.ts";
import { channelFailure } from "./failures.ts";
import { closeChannel } from "./session.ts";
import type { AmqpSession } from "./session.ts";

/** The broker needs a moment to see that a killed holder's connection is gone. */
const firstPatienceMs = 3000;

/**
 * An exclusive queue: the broker gives it to one connection, and deletes it with that connection. (Exclusive consumers are not
 * enforced on quorum queues.) It is taken again on every reconnect; when somebody else has it by then, the whole handle fails.
 */
export async function takeLock(
  supervisor: Supervisor<AmqpSession>,
  name: string,
  reclaimMs: () => number,
  logger: Logger,
): Promise<Lock> {
  const taken = deferred();
  taken.promise.catch(() => undefined);
  const stop = new AbortController();
  let first = true;
  let channel: Channel | undefined;

  async function declare(session: AmqpSession): Promise<void> {
    const fresh = await session.consuming.createChannel();
    fresh.on("error", () => undefined);
    try {
      await fresh.assertQueue(name, { exclusive: true, durable: false });
      channel = fresh;
    } catch (error) {
      throw channelFailure(error, `the lock ${name}`);
    }
  }

  async function take(session: AmqpSession): Promise<void> {
    const deadline = performance.now() + (first ? firstPatienceMs : reclaimMs());
    while (!stop.signal.aborted && supervisor.session === session) {
      try {
        await declare(session);
        first = false;
        taken.resolve();
        return;
      } catch (error) {
        const refusal = error instanceof BrokerError ? error : undefined;
        if (supervisor.session !== session) return;
        if (refusal !== undefined && (refusal.code !== "locked" || performance.now() > deadline)) {
          if (first) taken.reject(refusal);
          else supervisor.fail(refusal);
          return;
        }
        logger.debug({ lock: name }, "The lock is not free yet");
        await pause(250, stop.signal);
      }
    }
  }

  const takeOff = supervisor.add({
    attach: (session) => void take(session),
    detach: () => {
      channel = undefined;
    },
    fail: (error) => taken.reject(error),
  });
  try {
    await taken.promise;
  } catch (error) {
    takeOff();
    throw error;
  }
  return {
    async release() {
      stop.abort();
      takeOff();
      const last = channel;
      channel = undefined;
      await last?.deleteQueue(name).catch(() => undefined);
      if (last !== undefined) await closeChannel(last);
    },
  };
}
