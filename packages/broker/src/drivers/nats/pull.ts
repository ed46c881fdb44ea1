import { createInbox, nanos } from "@nats-io/transport-node";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { within } from "@skyscan/runtime";
import { statusOf } from "./delivered.ts";
import { pullSubject } from "./names.ts";

/** Asks a queue for messages, so many as there is room for. */
export interface Pull {
  /** Resolves when the server has the first request: from then on it is this one's turn. */
  start(): Promise<void>;
  /** There is room for so many more than are asked for already: called whenever that changes. */
  want(): void;
  /** Nothing more is asked for; resolves when nothing more can come. */
  stop(): Promise<void>;
}

export interface PullOptions {
  readonly connection: NatsConnection;
  readonly queue: string;
  /** How many may be out. */
  readonly prefetch: number;
  /** How many are. */
  readonly out: () => number;
  readonly take: (message: Msg) => void;
  /** The queue is gone, or what serves it. */
  readonly gone: () => void;
}

/** A request that was not served ends after so long; its server says so, unless it forgot. */
const expiresMs = 30_000;
const forgottenMs = expiresMs + 10_000;
const againMs = 500;
const stopMs = 1000;

export function createPull({ connection, queue, prefetch, out, take, gone }: PullOptions): Pull {
  const inbox = createInbox();
  /** Messages that were asked for and did not come yet. */
  let asked = 0;
  let askedMs = 0;
  let scheduled = false;
  let stopped = false;
  const atLeast = Math.max(1, Math.ceil(prefetch / 4));

  const subscription = connection.subscribe(inbox, {
    callback(error, message) {
      if (error !== null) return;
      const status = statusOf(message);
      if (status === undefined) {
        asked = Math.max(0, asked - 1);
        take(message);
        want();
      } else if (status.code === 503 || /deleted/i.test(status.text)) {
        if (!stopped) gone();
      } else {
        asked = status.left === undefined ? 0 : Math.max(0, asked - status.left);
        // Its time was over; everything else would be said again at once.
        if (status.code === 408) want();
        else setTimeout(want, againMs).unref();
      }
    },
  });
  const reminder = setInterval(() => {
    if (asked > 0 && performance.now() - askedMs > forgottenMs) asked = 0;
    want();
  }, expiresMs);
  reminder.unref();

  function ask(): void {
    scheduled = false;
    if (stopped || connection.isClosed()) return;
    const batch = prefetch - out() - asked;
    // While something may still come, a few at a time are not worth a request.
    if (batch < 1 || (asked > 0 && batch < atLeast)) return;
    asked += batch;
    askedMs = performance.now();
    connection.publish(pullSubject(queue), JSON.stringify({ batch, expires: nanos(expiresMs) }), { reply: inbox });
  }

  function want(): void {
    if (scheduled || stopped) return;
    scheduled = true;
    setImmediate(ask);
  }

  return {
    want,
    async start() {
      ask();
      await connection.flush();
    },
    async stop() {
      stopped = true;
      clearInterval(reminder);
      // What is under way still comes, and is given back.
      if (!connection.isClosed() && !subscription.isClosed())
        await within(stopMs, subscription.drain(), undefined).catch(() => undefined);
    },
  };
}
