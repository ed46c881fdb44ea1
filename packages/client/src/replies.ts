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

/** Called once: without an error when the broker has taken responsibility, with a BrokerError when it never will. */
export type Settled = (error?: unknown) => void;

/**
 * Outcomes on their way to the server. When nothing is on the way, those that end in the same turn of the event loop go at once, in one
 * message; while something is, the next message waits for its confirm, or for a moment: the busier the client, the more travel together.
 * With many units yet to be fitted here an outcome always waits for others: a message costs both sides more than what is in it.
 */
export interface Replies {
  /** n.b. no promise for each outcome: nothing is more frequent at a client, and what lives until a confirm is copied by each collection. */
  send(outcome: Outcome, settled: Settled): void;
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
  readonly settled: Settled;
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
        publish(batch);
        batch = [];
        chars = 0;
      }
      batch.push(one);
      chars += tailChars(one.outcome);
    }
    publish(batch);
  }

  function publish(batch: readonly Waiting[]): void {
    unconfirmed += 1;
    const settled: Settled = (error) => {
      for (const one of batch) one.settled(error);
      unconfirmed -= 1;
      if (unconfirmed === 0 && !amply()) flush();
    };
    const outcomes = batch.map(({ outcome }) => outcome);
    const body = encode({ v: protocolVersion, ...options.envelope(), outcomes });
    publisher.send(body, (error) => {
      if (error === undefined) settled();
      else void publishAgain(body, error).then(() => settled(), settled);
    });
  }

  /** `full` passes: the fit is done and must not be lost, so it is offered until it is taken. @throws what it is refused with for good */
  async function publishAgain(body: Uint8Array, refusal: unknown): Promise<void> {
    const backoff = createBackoff({ firstMs: 200, maxMs: 10_000 });
    for (let last = refusal; ;) {
      if (!(last instanceof BrokerError) || last.code !== "full" || stopped.signal.aborted) throw last;
      logger.warn({ reason: last.message }, "The broker takes no replies at the moment, trying again");
      await pause(backoff.next(), stopped.signal);
      try {
        await publisher.publish(body);
        return;
      } catch (error) {
        last = error;
      }
    }
  }

  return {
    send(outcome, settled) {
      waiting.push({ outcome, settled });
      if (waiting.length === maxOutcomes) flush();
      else if (amply()) flushAfter(gatherAmplyMs);
      else flushAfter(unconfirmed > 0 ? gatherMs : 0);
    },
    stop: () => stopped.abort(),
  };
}
