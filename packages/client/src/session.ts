import type { Broker, BrokerState, ResolveConnection } from "@skyscan/broker";
import { scanQueues } from "@skyscan/protocol";
import type { StartupFile } from "@skyscan/protocol";
import { deferred, within } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { startBeats } from "./beats.ts";
import type { Beats } from "./beats.ts";
import { openPatiently } from "./connection.ts";
import type { OpenBroker } from "./connection.ts";
import { createConsuming } from "./consuming.ts";
import type { Consuming } from "./consuming.ts";
import { createControl } from "./control.ts";
import { endOfError } from "./ending.ts";
import type { SessionEnd } from "./ending.ts";
import type { IdleLimits } from "./idle.ts";
import { createIntake } from "./intake.ts";
import type { Lookahead } from "./lookahead.ts";
import { recoMismatch } from "./reco-match.ts";
import type { RecoIdentity } from "./reco-match.ts";
import { createReplies } from "./replies.ts";
import type { SlotRunner } from "./slots.ts";
import { startWatch } from "./watch.ts";
import { createWork } from "./work.ts";
import type { Work } from "./work.ts";

export interface SessionOptions {
  readonly startup: StartupFile;
  readonly openBroker: OpenBroker;
  readonly resolve: ResolveConnection;
  readonly lostSec: number;
  readonly host: string;
  /** Its name to the server. */
  readonly worker: string;
  /** This client's copy of the scan's reco. */
  readonly reco: RecoIdentity;
  /** One for each slot; the session closes them. */
  readonly runners: readonly SlotRunner[];
  readonly limits: IdleLimits;
  /** How much to take ahead. */
  readonly lookahead: Lookahead;
  /** Most outcomes in one reply. */
  readonly replyOutcomes: number;
  /** How long fits that run may go on when the client has to leave, seconds. */
  readonly drainGraceSec: number;
  readonly logger: Logger;
  /** First signal: hand back and leave. */
  readonly signal: AbortSignal;
  /** Second signal: leave now. */
  readonly force: AbortSignal;
  /** Aborts with the reason when the startup file says that the scan has ended. */
  readonly ended: AbortSignal;
}

const closeMs = 5000;
const forcedCloseMs = 500;

/** What is open once the session has joined its scan. */
interface Joined {
  readonly broker: Broker;
  readonly beats: Beats;
  readonly consuming: Consuming;
  readonly work: Work;
}

/** One scan, being served. */
export interface Session {
  /** How it ended. Rejects with whatever nobody foresaw (a bug), after everything is closed. */
  readonly end: Promise<SessionEnd>;
  /** Takes nothing more; what has not begun goes back, fits that run go on. */
  pause(): void;
  resume(): void;
  /** Ends it in order, with status 3. */
  leave(why: string): void;
  /** The scan was reached. */
  readonly joined: boolean;
  /** It takes work, or will when it has joined. */
  readonly consuming: boolean;
  /** Units that wait for a slot. */
  readonly queued: number;
  /** Something is being fitted, queued or answered. */
  readonly busy: boolean;
}

/**
 * Serves one scan until it ends, or it is left: joins (control first, so that no `end` is missed), consumes, runs, replies, says that it lives, and leaves in order:
 * stop consuming, return what has not begun, let fits end under the grace time, flush replies, goodbye, close.
 * Everything that can end it goes through one place, the first reason stands.
 */
export function startSession(options: SessionOptions): Session {
  const { logger, signal, force } = options;
  const ending = deferred<SessionEnd>();
  const leaving = new AbortController();
  let joined: Partial<Joined> = {};
  let opening = true;
  let state: BrokerState["kind"] = "down";
  let paused = false;

  const end = (reason: SessionEnd): void => {
    leaving.abort();
    ending.resolve(reason);
  };
  const failed = (error: unknown): void => {
    if (leaving.signal.aborted) return;
    const known = endOfError(error, opening);
    leaving.abort();
    if (known === undefined) ending.reject(error);
    else ending.resolve(known);
  };
  const onSignal = (): void => end({ status: 5, why: "stopped by a signal", manner: "drain" });
  const onEnded = (): void => end({ status: 0, why: "the startup file says that the scan has ended", manner: "at-once" });
  const forced = deferred();
  const onForce = (): void => forced.resolve();
  onAbort(signal, onSignal);
  onAbort(force, onForce);
  onAbort(options.ended, onEnded);

  join().catch(failed);

  async function serve(): Promise<SessionEnd> {
    try {
      const reason = await ending.promise;
      await leave(reason);
      return reason;
    } finally {
      leaving.abort();
      signal.removeEventListener("abort", onSignal);
      options.ended.removeEventListener("abort", onEnded);
      await closeAll();
      force.removeEventListener("abort", onForce);
    }
  }

  /** Slots that no other scan has, and deliveries for them. */
  const usable = (): readonly SlotRunner[] => options.runners.filter(({ taken }) => taken !== true);
  const room = (): number => usable().reduce((sum, { inFlight }) => sum + inFlight, 0);

  async function join(): Promise<void> {
    const { startup } = options;
    const queues = scanQueues(startup.mq_basename);
    const open = (): Promise<Broker> => options.openBroker(options.resolve, { logger, purpose: "client" });
    const broker = await openPatiently(open, { lostSec: options.lostSec, logger, signal: leaving.signal });
    joined = { broker };
    if (leaving.signal.aborted) return closeAll();
    state = "up";
    const listener = await broker.listener(queues.control);
    const workers = await broker.publisher(queues.workers);
    const { worker, host } = options;
    const identity = { scan: startup.scan_id, worker, host, reco: options.reco };

    const replies = createReplies({
      publisher: await broker.publisher(queues.replies),
      envelope: () => ({ scan: startup.scan_id, run: work.run, worker, host }),
      queued: () => work.queued,
      maxOutcomes: options.replyOutcomes,
      logger,
    });
    const { lookahead } = options;
    const work = createWork({
      scan: startup.scan_id,
      host,
      runners: options.runners,
      replies,
      logger,
      arrived: (units) => lookahead.arrived(units),
      fitted: (runtimeSec) => lookahead.fitted(runtimeSec),
      tell: () => beats.tell(),
      mention() {
        // Nothing but this says for sure over whom a client is lost.
        if (broker.lossesUncounted === true) beats.mention();
      },
      end,
      failed,
    });
    const consuming = createConsuming({
      createIntake: (prefetch) =>
        createIntake({
          broker,
          queue: queues.work,
          prefetch,
          take(delivery) {
            watch.touch();
            work.take(delivery);
          },
          narrowed: () => work.returnAhead(lookahead.keeps),
        }),
      room,
      paused() {
        work.returnAhead(0);
        beats.beat();
      },
      failed,
    });
    const beats = startBeats(workers, identity, () => ({
      ...work.counts(),
      slots: paused ? Math.min(usable().length, work.running) : usable().length,
      lookahead: lookahead.units(consuming.ahead),
      draining: leaving.signal.aborted,
    }));
    joined = { broker, beats, work };
    const mismatch = recoMismatch(startup.reco, options.reco);
    if (mismatch !== undefined) {
      end({ status: 7, why: mismatch, manner: "drain" });
      return;
    }

    const control = createControl({
      listener,
      scan: startup.scan_id,
      worker,
      askStatus: (body) => workers.publishUnconfirmed(body),
      onEnd: () => end({ status: 0, why: "the scan has ended", manner: "at-once" }),
      onFinal: (units, run) => work.final(units, run),
      onRecall: (units) => work.cancel(units),
      onLeave: (why) => end({ status: 7, why: `told to leave: ${why}`, manner: "drain" }),
      onForeign: (why) => end({ status: 7, why, manner: "drain" }),
      onWhoHolds: () => beats.beat(),
      logger,
    });
    control.run().catch(failed);
    broker.onState((now) => {
      state = now.kind;
      if (now.kind === "down") work.returnNotBegun();
      if (now.kind === "up" && now.reconnected) beats.beat();
      if (now.kind === "failed") failed(now.error);
      if (now.kind === "blocked") logger.warn({ reason: now.reason }, "The broker takes nothing at the moment");
    });

    joined = { broker, beats, work, consuming };
    const watch = startWatch({
      broker,
      work,
      consuming,
      lookahead,
      limits: options.limits,
      brokerState: () => state,
      serverAnswers: control.serverAnswers,
      onIdle: (why) => end({ status: 3, why, manner: "drain" }),
    });
    onAbort(leaving.signal, watch.stop);
    if (!paused) await consuming.resume();
    opening = false;
    if (paused) consuming.pause();
    logger.info({ broker: broker.description, slots: options.runners.length, prefetch: room() }, "Joined the scan");
  }

  async function leave(reason: SessionEnd): Promise<void> {
    const { work, consuming, beats } = joined;
    logger.info({ status: reason.status, why: reason.why }, "Leaving the scan");
    const draining = reason.manner === "drain";
    if (draining && work !== undefined && !force.aborted) {
      work.beginNothing();
      await within(closeMs, Promise.resolve(consuming?.stop()), undefined);
      const drained = work.drain();
      beats?.beat();
      await Promise.race([within(options.drainGraceSec * 1000, drained, undefined), forced.promise]);
    }
    work?.abandon(draining);
    beats?.goodbye(reason.why, reason.whyCode);
  }

  async function closeAll(): Promise<void> {
    const { broker, work } = joined;
    const closing = Promise.allSettled([
      broker?.close(),
      work?.close() ?? Promise.allSettled(options.runners.map((runner) => runner.close())),
    ]);
    await Promise.race([closing, forced.promise.then(() => within(forcedCloseMs, closing, undefined))]);
  }

  function turn(pausing: boolean): void {
    if (paused === pausing) return;
    paused = pausing;
    if (opening || leaving.signal.aborted) return;
    if (pausing) joined.consuming?.pause();
    else joined.consuming?.resume().catch(failed);
    joined.beats?.beat();
  }

  return {
    end: serve(),
    pause: () => turn(true),
    resume: () => turn(false),
    leave: (why) => end({ status: 3, why, manner: "drain" }),
    get joined() {
      return !opening;
    },
    get consuming() {
      return !paused;
    },
    get queued() {
      return joined.work?.queued ?? 0;
    },
    get busy() {
      return joined.work?.busy ?? false;
    },
  };
}

const onAbort = (signal: AbortSignal, then: () => void): void =>
  signal.aborted ? then() : signal.addEventListener("abort", then);
