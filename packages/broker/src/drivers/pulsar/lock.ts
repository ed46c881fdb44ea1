import { deferred, pause } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { Lock } from "../../broker.ts";
import { BrokerError } from "../../errors.ts";
import type { Supervisor } from "../../supervisor.ts";
import { requestFailure, statusOf } from "./failures.ts";
import { lockSubscription } from "./names.ts";
import type { PulsarSession } from "./session.ts";

/** The broker needs a moment to see that a killed holder's connection is gone. */
const firstPatienceMs = 3000;
const reclaimMs = 10_000;
const againMs = 250;
const removeAttempts = 8;
/** Status of a refusal to delete what has consumers. */
const inUse = 412;

/** The broker needs a moment to see that the holder is gone. While the next one has it already, or without the right to, it stays: Pulsar removes what nobody uses itself. */
async function removeLock({ admin }: PulsarSession, name: string): Promise<void> {
  for (let attempt = 0; attempt < removeAttempts; attempt += 1) {
    try {
      await admin.topic("DELETE", name, "");
      return;
    } catch (error) {
      if (statusOf(error) !== inUse) return;
      await pause(againMs);
    }
  }
}

/**
 * The one consumer that an exclusive subscription allows: it goes with the holder's connection. It is taken again on every reconnect; when somebody
 * else has it by then, the whole handle fails.
 */
export async function takeLock(supervisor: Supervisor<PulsarSession>, name: string, logger: Logger): Promise<Lock> {
  const taken = deferred();
  taken.promise.catch(() => undefined);
  const stop = new AbortController();
  let first = true;
  let close: (() => Promise<void>) | undefined;

  async function subscribe(session: PulsarSession): Promise<void> {
    const ended = (): void => {
      close = undefined;
      if (supervisor.session === session) void take(session);
    };
    try {
      const consumer = await session.transport.consumer(
        name,
        { subscription: lockSubscription, type: "Exclusive" },
        { message: () => undefined, ended },
      );
      close = session.belongsTo(name, consumer, () => undefined);
    } catch (error) {
      throw requestFailure(error, `the lock ${name}`, "consume");
    }
  }

  async function take(session: PulsarSession): Promise<void> {
    const deadline = performance.now() + (first ? firstPatienceMs : reclaimMs);
    while (!stop.signal.aborted && supervisor.session === session) {
      try {
        await subscribe(session);
        first = false;
        taken.resolve();
        return;
      } catch (error) {
        const refusal = error instanceof BrokerError ? error : undefined;
        if (supervisor.session !== session) return;
        if (refusal !== undefined && (refusal.code !== "locked" || performance.now() > deadline)) {
          const failure =
            refusal.code === "locked"
              ? new BrokerError("locked", `The lock ${name} is held by another connection to Pulsar.`)
              : refusal;
          if (first) taken.reject(failure);
          else supervisor.fail(failure);
          return;
        }
        logger.debug({ lock: name, error }, "The lock is not free yet");
        await pause(againMs, stop.signal);
      }
    }
  }

  const takeOff = supervisor.add({
    attach: (session) => void take(session),
    detach: () => {
      close = undefined;
    },
    fail: (error) => taken.reject(error),
  });
  try {
    await taken.promise;
  } catch (error) {
    stop.abort();
    takeOff();
    throw error;
  }
  return {
    async release() {
      stop.abort();
      takeOff();
      const last = close;
      close = undefined;
      await last?.();
      const { session } = supervisor;
      if (session !== undefined) await removeLock(session, name);
    },
  };
}
