import { createBackoff, deferred, messageOf, pause } from "@skyscan/runtime";
import type { Deferred, Logger } from "@skyscan/runtime";
import type { BrokerState } from "./broker.ts";
import { BrokerError } from "./errors.ts";

/** One established connection of a driver. A new one is made for every reconnect, so identity tells generations apart. */
export interface Session {
  /** Resolves with the reason when the connection is gone; never rejects. */
  readonly lost: Promise<Error>;
  close(): Promise<void>;
}

/** Something that lives on sessions: told of each one, and of the end. */
export interface Endpoint<S> {
  attach(session: S): void;
  detach(): void;
  /** Given up for good; nothing follows. */
  fail(error: BrokerError): void;
}

/** Keeps one session alive: reconnects with jittered backoff until `lostSec` have passed without one. */
export interface Supervisor<S extends Session> {
  /** The session that is up, if one is. */
  readonly session: S | undefined;
  /** How long a missing queue is waited for, seconds. */
  readonly goneSec: number;
  /** @throws BrokerError `lost` or what it failed with; `closed`. */
  whenUp(): Promise<S>;
  /** Attaches at once when a session is up. Returns what takes it off again. */
  add(endpoint: Endpoint<S>): () => void;
  report(state: BrokerState): void;
  onState(listener: (state: BrokerState) => void): () => void;
  /** Gives up: every endpoint fails with `error`. */
  fail(error: BrokerError): void;
  close(): Promise<void>;
}

export interface Limits {
  readonly lostSec: number;
  readonly goneSec: number;
}

export interface SupervisorOptions<S extends Session> {
  /** Makes a connection. Rejections are retried, except the very first. */
  readonly connect: () => Promise<{ readonly session: S; readonly limits: Limits }>;
  /** Before endpoints see a new session: puts back what is missing and returns the names of the queues that were. */
  readonly restore: (session: S) => Promise<readonly string[]>;
  readonly logger: Logger;
}

/** Refusals do not heal by waiting as an outage does, but tokens are renewed and vhosts come up late: they get `goneSec`. */
const refusals: readonly string[] = ["refused-credentials", "refused-right", "unsupported", "bad-address"];

const steadyMs = 10_000;

/** @throws what the first `connect` throws. */
export async function createSupervisor<S extends Session>(options: SupervisorOptions<S>): Promise<Supervisor<S>> {
  const { logger } = options;
  const first = await options.connect();
  let limits = first.limits;
  let session: S | undefined;
  let failure: BrokerError | undefined;
  let waiting: Deferred<S> | undefined;
  let takenMs = performance.now();
  const backoff = createBackoff({ firstMs: 200, maxMs: 5000 });
  const endpoints = new Set<Endpoint<S>>();
  const listeners = new Set<(state: BrokerState) => void>();
  const stop = new AbortController();

  const report = (state: BrokerState): void => {
    for (const listener of [...listeners]) listener(state);
  };

  function fail(error: BrokerError): void {
    if (failure !== undefined) return;
    failure = error;
    stop.abort();
    const last = session;
    session = undefined;
    waiting?.reject(error);
    for (const endpoint of [...endpoints]) endpoint.fail(error);
    endpoints.clear();
    if (error.code !== "closed") report({ kind: "failed", error });
    void last?.close().catch(() => undefined);
  }

  function take(fresh: S): void {
    session = fresh;
    takenMs = performance.now();
    void fresh.lost.then((reason) => {
      if (session !== fresh) return;
      session = undefined;
      for (const endpoint of [...endpoints]) endpoint.detach();
      logger.warn({ reason: messageOf(reason) }, "Broker connection lost, reconnecting");
      report({ kind: "down", reason: messageOf(reason) });
      void recover(reason);
    });
    waiting?.resolve(fresh);
    waiting = undefined;
    for (const endpoint of [...endpoints]) endpoint.attach(fresh);
  }

  async function recover(lossReason: Error): Promise<void> {
    const startMs = performance.now();
    let last: unknown = lossReason;
    // A connection that breaks again and again right after it was made is not hammered.
    if (startMs - takenMs > steadyMs) backoff.reset();
    for (;;) {
      const refused = last instanceof BrokerError && refusals.includes(last.code) ? last : undefined;
      const limitSec = refused !== undefined ? Math.min(limits.goneSec, limits.lostSec) : limits.lostSec;
      const leftMs = startMs + limitSec * 1000 - performance.now();
      if (leftMs <= 0) {
        const gone = new BrokerError(
          "lost",
          `The broker did not come back within ${limitSec} s (SKYSCAN_BROKER_LOST_SEC): ${messageOf(last)}`,
          { cause: last },
        );
        fail(refused ?? gone);
        return;
      }
      await pause(Math.min(backoff.next(), leftMs), stop.signal);
      if (failure !== undefined) return;
      let made: S | undefined;
      try {
        const connected = await options.connect();
        made = connected.session;
        limits = connected.limits;
        // A connection that goes meanwhile may leave a request without any answer.
        const lost = made.lost.then((reason) => Promise.reject(reason));
        lost.catch(() => undefined);
        const emptied = await Promise.race([options.restore(made), lost]);
        if (stop.signal.aborted) {
          await made.close();
          return;
        }
        logger.info({ downSec: Math.round((performance.now() - startMs) / 1000), emptied }, "Broker connection is back");
        take(made);
        report({ kind: "up", reconnected: true, emptied });
        return;
      } catch (error) {
        last = error;
        logger.debug({ reason: messageOf(error) }, "Reconnecting failed");
        await made?.close().catch(() => undefined);
      }
    }
  }

  take(first.session);
  return {
    get session() {
      return session;
    },
    get goneSec() {
      return limits.goneSec;
    },
    async whenUp() {
      if (failure !== undefined) throw failure;
      if (session !== undefined) return session;
      if (waiting === undefined) {
        waiting = deferred<S>();
        waiting.promise.catch(() => undefined);
      }
      return waiting.promise;
    },
    add(endpoint) {
      if (failure !== undefined) {
        endpoint.fail(failure);
        return () => undefined;
      }
      endpoints.add(endpoint);
      if (session !== undefined) endpoint.attach(session);
      return () => void endpoints.delete(endpoint);
    },
    report,
    onState(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    fail,
    async close() {
      const last = session;
      session = undefined;
      fail(new BrokerError("closed", "This broker handle was closed."));
      await last?.close();
    },
  };
}
