import type { Broadcaster, Broker, Consumer } from "@skyscan/broker";
import type { FailureCode, Outcome, ReplyMessage, ScanQueues } from "@skyscan/protocol";
import { createReleases, deferred, within } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { watchBroker } from "./broker/broker-watch.ts";
import { createCare } from "./units/care.ts";
import { systemClock } from "./units/clock.ts";
import type { Clock } from "./units/clock.ts";
import { createCollect } from "./units/collect.ts";
import { createConduct } from "./workers/conduct.ts";
import { createCounters } from "./state/counters.ts";
import { createDispatch } from "./units/dispatch.ts";
import { createFigures } from "./units/figures.ts";
import type { EngineEnd } from "./engine-end.ts";
import { createFlow } from "./units/flow.ts";
import type { ScanInputs } from "./request/inputs.ts";
import { createIntake } from "./units/intake.ts";
import { createKillers } from "./units/killers.ts";
import type { UnitKey } from "./sky/unit-key.ts";
import type { ScanPhase } from "./report/manifest.ts";
import { createPlanning } from "./units/planning.ts";
import { recover } from "./units/recover.ts";
import type { OpenedScan } from "./cache/scan-cache.ts";
import { makePayload } from "./sky/seeds.ts";
import { silenceVerdict } from "./workers/silence.ts";
import { createSpeculation } from "./units/speculation.ts";
import { hopeless, verdictFacts } from "./workers/verdict.ts";
import { createView } from "./report/view.ts";
import type { View } from "./report/view.ts";
import { createWorkers } from "./workers/workers.ts";

/** Replies in flight towards the server: more than twice throughput times commit time. */
const replyPrefetch = 2000;
const workersPrefetch = 500;
/** A broker that is not there when the scan ends is waited for no longer. */
const stopMs = 2000;

export interface EngineOptions {
  readonly inputs: ScanInputs;
  readonly opened: OpenedScan;
  readonly broker: Broker;
  readonly queues: ScanQueues;
  readonly broadcaster: Broadcaster;
  readonly maxAttempts: number;
  readonly threshold: number;
  readonly windowMin: number;
  readonly speculation: boolean;
  /** How long a message of short fits shall keep a slot busy; 0: one unit per message. */
  readonly batchSec: number;
  /** Nothing from any client for this long ends the scan with status 3. */
  readonly repliesTimeoutSec: number;
  readonly startedMs: number;
  /** A fit ended at some client. */
  readonly onFit?: (nside: number, runtimeSec: number, failure: FailureCode | undefined) => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** The live part of a scan: everything between the broker and the journal. */
export interface Engine {
  /** Opens the queues and starts; resolves with how it ended. */
  run(): Promise<EngineEnd>;
  /** Ends it from outside. */
  end(end: EngineEnd): void;
  readonly view: View;
  readonly workersAlive: number;
  /** Stops consuming; outcomes that are being written are written. */
  close(): Promise<void>;
}

export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { inputs, opened, broker, queues, logger, signal } = options;
  const { state, journal, scanId, run } = opened;
  const { manifest: recoManifest, manifestSha256 } = inputs.reco;
  const clock = options.clock ?? systemClock;
  const nowMs = (): number => clock.nowMs();
  const counters = createCounters();
  const workers = createWorkers(nowMs);
  const figures = createFigures(nowMs);
  const releases = createReleases();
  const ended = deferred<EngineEnd>();
  const stop = new AbortController();
  let over = false;
  let phase: ScanPhase = "starting";
  let recovering: Promise<void> | undefined;
  let lastSignMs = nowMs();
  const flow = createFlow({
    ...{ state, workers, figures },
    windowMin: options.windowMin,
    batchSec: options.batchSec,
    inFlight: recoManifest.run.inFlight,
  });

  function end(how: EngineEnd): void {
    if (over) return;
    over = true;
    stop.abort();
    ended.resolve(how);
  }

  const publisher = await broker.publisher(queues.work);
  releases.add(() => publisher.close());
  const dispatch = createDispatch({
    state,
    publisher,
    scanId,
    run,
    payloadOf: (unit) => makePayload(inputs.seedRules, state.tables, unit),
    window: flow.window,
    batchSize: flow.batchSize,
    proven: () => state.resultUnits > 0 || conduct.someOweAnAnswer(),
    nowMs,
    logger,
    onFatal: (error) => end({ kind: "failed", error }),
    signal: stop.signal,
  });
  const parts = { scanId, run, state, journal, dispatch, workers, counters, nowMs, logger };
  const planning = createPlanning({
    ...parts,
    predictiveScanningThreshold: options.threshold,
    pointed: inputs.pointed,
  });
  const speculation = createSpeculation({ ...parts, enabled: options.speculation, broadcaster: options.broadcaster });
  const killers = createKillers({ ...parts, broadcaster: options.broadcaster });
  const collect = createCollect({
    ...parts,
    copies: speculation.copies,
    maxAttempts: options.maxAttempts,
    aliveHosts: () => workers.tally.hosts.size,
    fitterOf: (unit) => workers.fitterOf(unit),
    onOutcome,
    onChange: advance,
    onKilled: () => killers.due(),
  });
  const care = createCare({ ...parts, collect, broker, workQueue: queues.work });
  const intake = createIntake({
    scanId,
    run,
    reco: { name: recoManifest.name, version: recoManifest.version, manifestSha256 },
    workers,
    broadcaster: options.broadcaster,
    counters,
    manifest: () => view.briefManifest(),
    nowMs,
    logger,
    onBeat: (changed) => {
      lastSignMs = nowMs();
      // Looks at all workers: not for every beat of each.
      if (!changed) return;
      flow.lookAround();
      watchPresence();
      dispatch.pump();
    },
    onCame: () => killers.due(),
  });
  const conduct = createConduct({ ...parts, tellToLeave: (worker, why) => intake.tellToLeave(worker, why) });

  const brokerWatch = watchBroker({
    broker,
    workQueue: queues.work,
    counters,
    logger,
    onEmptied: () => {
      if (recovering === undefined) startRecovery();
    },
    onFailed: (error) => end({ kind: "failed", error }),
  });
  const view = createView({
    inputs,
    opened,
    dispatch,
    workers,
    conduct,
    counters,
    figures,
    threshold: options.threshold,
    startedMs: options.startedMs,
    nowMs,
    phase: () => phase,
    brokerState: () => brokerWatch.state,
  });

  function onOutcome(reply: ReplyMessage, outcome: Outcome, unit: UnitKey): void {
    lastSignMs = nowMs();
    if (outcome.kind !== "result" && outcome.kind !== "failure") return;
    speculation.outcome(reply, outcome, unit);
    figures.outcome(outcome, unit.nside, dispatch.outstanding.get(outcome.unit));
    conduct.outcome(reply, outcome);
    options.onFit?.(unit.nside, outcome.runtimeSec, outcome.kind === "failure" ? outcome.code : undefined);
  }

  /** What follows from a change: plan, publish, or see that it is over. */
  function advance(): void {
    if (over || recovering !== undefined) return;
    const finished = planning.consider();
    const why =
      state.resultUnits > 0
        ? undefined
        : hopeless(verdictFacts(state, opened.resumedUnits, workers, conduct.answeredHosts, finished));
    if (why !== undefined) end({ kind: "hopeless", why });
    else if (finished) end({ kind: "complete" });
    else dispatch.pump();
    if (dispatch.published > 0) figures.published();
  }

  function startRecovery(): void {
    dispatch.reset();
    speculation.copies.reset();
    phase = "recovering";
    recovering = recover({
      scanId,
      run,
      state,
      journal,
      dispatch,
      workers,
      broker,
      broadcaster: options.broadcaster,
      queues,
      nowMs,
      logger,
      signal: stop.signal,
    })
      .catch((error: unknown) => {
        if (!over) logger.warn({ reason: String(error) }, "recovery was interrupted: it starts over when the broker is back");
      })
      .finally(() => {
        recovering = undefined;
        phase = "scanning";
        lastSignMs = nowMs();
        advance();
      });
  }

  /** That clients leave at the scan's end is as it should be. */
  function watchPresence(): void {
    if (!over) conduct.watch();
  }

  function tick(count: number): void {
    care.sweep();
    flow.lookAround();
    watchPresence();
    figures.eta.tick(workers.tally.slots, nowMs());
    const silence = silenceVerdict(() => conduct.situation(), (nowMs() - lastSignMs) / 1000, options.repliesTimeoutSec);
    if (silence !== undefined) end({ kind: "timed-out", why: silence });
    advance();
    // n.b. nothing is said after the end, which stays for those who come late.
    if (!over) killers.tell();
    speculation.tick();
    if (count % 10 === 0)
      care.audit().catch((error: unknown) => logger.debug({ reason: String(error) }, "the audit could not be made"));
  }

  async function consume(queue: string, prefetch: number, loop: (consumer: Consumer) => Promise<void>): Promise<Consumer> {
    const consumer = await broker.consumer(queue, { prefetch });
    releases.add(() => consumer.close());
    void loop(consumer).catch((error: unknown) => end({ kind: "failed", error }));
    return consumer;
  }

  async function runEngine(): Promise<EngineEnd> {
    releases.add(() => brokerWatch.stop());
    journal.failed.catch((error: unknown) => end({ kind: "failed", error }));
    signal.addEventListener("abort", () => end({ kind: "stopped", why: "stopped by a signal" }), { once: true });
    if (signal.aborted) end({ kind: "stopped", why: "stopped by a signal" });
    await consume(queues.workers, workersPrefetch, (consumer) => intake.consume(consumer));
    await consume(queues.dead, 100, (consumer) => collect.dead(consumer));
    const replies = await consume(queues.replies, replyPrefetch, (consumer) => collect.replies(consumer));
    let ticks = 0;
    releases.add(clock.every(1000, () => tick((ticks += 1))));
    if (run > 1 && state.plannedUnits > 0) startRecovery();
    else {
      phase = "scanning";
      advance();
    }
    const how = await ended.promise;
    // So that what is said of the scan at its end is all that its journal has.
    await within(stopMs, replies.stop(), undefined).catch(() => undefined);
    return how;
  }

  return {
    run: runEngine,
    end,
    view,
    get workersAlive() {
      return workers.tally.count;
    },
    async close() {
      stop.abort();
      await releases.run();
    },
  };
}
