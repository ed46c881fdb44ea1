import type { Logger } from "@skyscan/runtime";
import { isGone } from "./failures.ts";
import { consumerAt, declaredQueue } from "./queues.ts";
import type { PulsarSession } from "./session.ts";
import type { PulsarConsumer } from "./transport.ts";

/**
 * What Pulsar tells no consumer is looked for as long as it is open:
 * - A topic that was removed is made anew for those who go on using it.
 * - When the WebSocket service connects to the broker again (a topic that moved, a connection that broke), it forgets what was asked for without a
 *   receiver queue.
 */
export interface Look {
  /** Something came. */
  came(): void;
  stop(): void;
}

export interface LookOptions {
  readonly queue: string;
  readonly session: PulsarSession;
  readonly consumer: PulsarConsumer;
  /** How long the queue may be missing, seconds. */
  readonly goneSec: number;
  readonly logger: Logger;
  /** How many messages were asked for, of those that may be forgotten. */
  readonly asked: () => number;
  /** The queue is not there any more. */
  readonly gone: () => void;
}

const looksPerGrace = 3;
/** Who waits in vain looks after `first`, then ever more seldom. */
const lookMs = { least: 300, first: 1000, most: 10_000 };
/** All that is there may seem to be handed out, while it is not: who waits asks for the broker's own word so often. */
const checkMs = 60_000;

export function createLook({ queue, session, consumer, goneSec, logger, asked, gone }: LookOptions): Look {
  const mostMs = Math.min(lookMs.most, Math.max(lookMs.least, (1000 * goneSec) / looksPerGrace));
  const firstMs = Math.min(lookMs.first, mostMs);
  let everyMs = firstMs;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  /** Something was asked for at the look before, and nothing came since. */
  let waiting = false;
  let lookedMs = performance.now();
  let checkedMs = Number.NEGATIVE_INFINITY;

  function schedule(): void {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => void tick(), everyMs);
    timer.unref();
  }

  async function tick(): Promise<void> {
    const inVain = waiting && asked() > 0;
    waiting = asked() > 0;
    everyMs = inVain ? Math.min(2 * everyMs, mostMs) : firstMs;
    const nowMs = performance.now();
    if (inVain || nowMs - lookedMs >= mostMs) {
      lookedMs = nowMs;
      await look(inVain).catch((error: unknown) => {
        if (!stopped && isGone(error)) gone();
      });
    }
    schedule();
  }

  async function look(inVain: boolean): Promise<void> {
    const { messages, out } = await declaredQueue(session, queue);
    const nowMs = performance.now();
    if (!inVain || messages === 0 || (messages <= out && nowMs - checkedMs < checkMs)) return;
    checkedMs = nowMs;
    const known = await consumerAt(session, queue, consumer.name);
    if (stopped || !waiting || known?.availablePermits !== 0) return;
    logger.info({ queue }, "Pulsar forgot what was asked for: it is asked for again");
    consumer.permitAgain(asked());
    everyMs = firstMs;
  }

  schedule();
  return {
    came() {
      waiting = false;
      checkedMs = Number.NEGATIVE_INFINITY;
      if (everyMs === firstMs) return;
      everyMs = firstMs;
      schedule();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
