import { BrokerError } from "@skyscan/broker";
import type { Publisher } from "@skyscan/broker";
import { encode, protocolVersion } from "@skyscan/protocol";
import type { Outcome, ReplyMessage } from "@skyscan/protocol";
import { createBackoff, pause } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";

/** A message stays far below the size limit: so much stderr at most. */
const maxTailChars = 1_000_000;
/** While messages are unconfirmed, what ends is gathered for so long, milliseconds. */
const gatherMs = 3;
/** While so many times as many units wait for a slot as outcomes wait to go, nobody waits for these, and they gather for so long. */
const amplyQueued = 4;
const gatherAmplyMs = 50;

/**
 * Outcomes on their way to the server. When nothing is on the way, those that end in the same turn of the event loop go at once, in one
 * message; while something is, the next message waits for its confirm, or for a moment: the busier the client, the more travel together.
 * With many units yet to be fitted here an outcome always waits for others: a message costs both sides more than what is in it.
 */
export interface Replies {
  /** Resolves when the broker has taken responsibility. @throws BrokerError when it never will. */
  send(outcome: Outcome): Promise<void>;
  /** No further tries of what the broker refuses for the moment. */
  stop(): void;
}

export interface RepliesOptions {
  readonly publisher: Publisher;
  /** The parts that every message of this worker has; read when a message is made. */
  readonly envelope: () => Pick<ReplyMessage, "scan" | "run" | "worker" | "host">;
  /** Units in hand that no slot has begun. */
  readonly queued: () => number;
  /** No message has more outcomes. */
  readonly maxOutcomes: number;
  readonly logger: Logger;
}

interface Waiting {
  readonly outcome: Outcome;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const tailChars = (outcome: Outcome): number => (outcome.kind === "failure" ? outcome.stderrTail.length : 0);

export function createReplies(options: RepliesOptions): Replies {
  const { publisher, logger, maxOutcomes } = options;
  const stopped = new AbortController();
  let waiting: Waiting[] = [];
  let unconfirmed = 0;
  let next: { readonly afterMs: number; cancel(): void } | undefined;

  const amply = (): boolean => options.queued() >= amplyQueued * waiting.length;

  /** The soonest wish stands. */
  function flushAfter(afterMs: number): void {
    if (next !== undefined && next.afterMs <= afterMs) return;
    next?.cancel();
    if (afterMs === 0) {
      const immediate = setImmediate(flush);
      next = { afterMs, cancel: () => clearImmediate(immediate) };
    } else {
      const timer = setTimeout(flush, afterMs);
      next = { afterMs, cancel: () => clearTimeout(timer) };
    }
  }

  function flush(): void {
    next?.cancel();
    next = undefined;
    const all = waiting;
    if (all.length === 0) return;
    waiting = [];
    let batch: Waiting[] = [];
    let chars = 0;
    for (const one of all) {
      if (batch.length >= maxOutcomes || (batch.length > 0 && chars + tailChars(one.outcome) > maxTailChars)) {
        void publish(batch);
        batch = [];
        chars = 0;
      }
      batch.push(one);
      chars += tailChars(one.outcome);
    }
    void publish(batch);
  }

  async function publish(batch: readonly Waiting[]): Promise<void> {
    unconfirmed += 1;
    try {
      const outcomes = batch.map((one) => one.outcome);
      await publishPatiently(encode({ v: protocolVersion, ...options.envelope(), outcomes }));
      for (const one of batch) one.resolve();
    } catch (error) {
      for (const one of batch) one.reject(error);
    } finally {
      unconfirmed -= 1;
      if (unconfirmed === 0 && !amply()) flush();
    }
  }

  /** `full` passes: the fit is done and must not be lost, so it is offered until it is taken. */
  async function publishPatiently(body: Uint8Array): Promise<void> {
    const backoff = createBackoff({ firstMs: 200, maxMs: 10_000 });
    for (;;) {
      try {
        await publisher.publish(body);
        return;
      } catch (error) {
        if (!(error instanceof BrokerError) || error.code !== "full" || stopped.signal.aborted) throw error;
        logger.warn({ reason: error.message }, "The broker takes no replies at the moment, trying again");
        await pause(backoff.next(), stopped.signal);
      }
    }
  }

  return {
    send: (outcome) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ outcome, resolve, reject });
        if (waiting.length === maxOutcomes) flush();
        else if (amply()) flushAfter(gatherAmplyMs);
        else flushAfter(unconfirmed > 0 ? gatherMs : 0);
      }),
    stop: () => stopped.abort(),
  };
}
