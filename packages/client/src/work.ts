import type { Delivery } from "@skyscan/broker";
import { ProtocolError } from "@skyscan/protocol";
import type { FailureCode, Outcome, WorkMessage, WorkUnit } from "@skyscan/protocol";
import type { RecoError, RunnerOutcome } from "@skyscan/recos";
import { messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { createAnswered } from "./answered.ts";
import { createDeclines } from "./declines.ts";
import type { SessionEnd } from "./ending.ts";
import { createFinals } from "./finals.ts";
import { readWork } from "./garbage.ts";
import { createLedger } from "./ledger.ts";
import type { Hold, Task } from "./ledger.ts";
import { outcomeOf } from "./outcomes.ts";
import type { Replies } from "./replies.ts";
import { isScratchProblem } from "./scratch.ts";
import { createSlots } from "./slots.ts";
import type { SlotRunner } from "./slots.ts";

export interface WorkOptions {
  readonly scan: string;
  readonly host: string;
  readonly runners: readonly SlotRunner[];
  readonly replies: Replies;
  readonly logger: Logger;
  /** A delivery came with so many units. */
  readonly arrived: (units: number) => void;
  /** A fit ended, after so many seconds. */
  readonly fitted: (runtimeSec: number) => void;
  /** Tells the server what is fitted here; resolves when it will know. */
  readonly tell: () => Promise<void>;
  /** A fit begins that the server need not know of before. */
  readonly mention: () => void;
  /** The session has to end, for this reason. */
  readonly end: (end: SessionEnd) => void;
  /** An error that no policy here knows: of the broker, or a bug. */
  readonly failed: (error: unknown) => void;
}

/** What a worker tells of itself. */
export interface WorkCounts {
  readonly done: number;
  readonly failed: number;
  readonly holding: { unit: string; elapsedSec: number }[];
}

/**
 * What happens to a unit here, from its delivery to the ack.
 *
 * | what                                              | reply (confirmed)  | then the delivery is                       |
 * |---------------------------------------------------|--------------------|--------------------------------------------|
 * | the fit answered                                  | `result`           | acked                                      |
 * | the fit failed                                    | `failure`          | acked: only the server tries again         |
 * | the unit avoids this host (twice at most)         | `declined`         | acked                                      |
 * | it avoids this host and is being fitted here      | `declined`         | acked: it is a copy, meant for another host |
 * | it is being fitted here already                   | that fit's         | acked with it; no second fit               |
 * | it was answered before                            | the same again     | acked                                      |
 * | held for half of what the broker allows, begun    | `holding`          | acked; the fit goes on, its outcome follows |
 * | held as long, not begun                           | none               | requeued                                   |
 * | taken ahead, not begun, when less is taken ahead  | none               | requeued, unless it came back before       |
 * | cannot be decoded, or is of another scan          | none               | acked, counted, its hash logged            |
 * | cancelled by the server, or final before it came  | none               | acked                                      |
 * | the reco could not be started                     | none               | requeued                                   |
 * | not begun when the client leaves or the connection goes | none         | requeued                                   |
 * | begun, and not over within the grace time         | none               | requeued                                   |
 *
 * A unit whose message came back before is told to the server before it begins, as the first ones of a client are, since not every broker counts every
 * return and clients that die are replaced; after several returns it runs while nothing else does.
 * A delivery of several units is ended when the last of them is settled; it is requeued as a whole, and the server drops what it has.
 */
export interface Work {
  take(delivery: Delivery): void;
  /** Ends these fits here. */
  cancel(units: readonly string[]): void;
  /** As `cancel`, and what the server sent of them in that run, or before, is not fitted when it comes. */
  final(units: readonly string[], run: number): void;
  /** What has not begun goes back to the broker. */
  returnNotBegun(): void;
  /** As `returnNotBegun`, but for what came back before, and for the oldest deliveries, as far as they come to so many units. */
  returnAhead(keptUnits: number): void;
  /** How long the oldest delivery of which nothing has begun has waited. */
  oldestNotBegunSec(): number;
  /** Hands over, or returns, what has been held for so long. */
  relieve(ageSec: number): void;
  /** No fit is begun after this. */
  beginNothing(): void;
  /** As `beginNothing`, and returns what has not begun; resolves when the fits that run are over and confirmed. */
  drain(): Promise<void>;
  /** Ends all fits; `giveBack` returns their deliveries. */
  abandon(giveBack: boolean): void;
  /** Ends the reco processes. */
  close(): Promise<void>;
  counts(): WorkCounts;
  /** Units that wait for a slot. */
  readonly queued: number;
  /** Units that are being fitted. */
  readonly running: number;
  /** Something is being fitted, queued or answered. */
  readonly busy: boolean;
  /** The server start that sent the newest unit; replies name it. */
  readonly run: number;
}

const nowMs = (): number => performance.now();

export function createWork(options: WorkOptions): Work {
  const { logger, replies } = options;
  const ledger = createLedger();
  const answered = createAnswered();
  const declines = createDeclines(options.host);
  const finals = createFinals();
  let run = 1;
  let proven = false;
  let done = 0;
  let failed = 0;
  let garbage = 0;
  let answering = 0;
  let stopped = false;
  let wakeDrain: (() => void) | undefined;

  const slots = createSlots({
    runners: options.runners,
    next: () => ledger.next(nowMs()),
    announce(task, first) {
      if (task.suspect || first) return options.tell();
      options.mention();
      return undefined;
    },
    ended,
    startFailed,
    broken,
    proven: () => proven,
  });

  function take(delivery: Delivery): void {
    let message: WorkMessage;
    try {
      message = readWork(delivery.body, options.scan);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      garbage += 1;
      logger.warn({ reason: error.message, garbage }, "Set aside a message that is no work");
      delivery.ack();
      return;
    }
    run = Math.max(run, message.run);
    proven = message.proven || done > 0;
    options.arrived(message.units.length);
    const hold = ledger.hold(
      delivery,
      message.units.map(({ unit }) => unit),
      nowMs(),
    );
    for (const unit of message.units) {
      if (finals.has(unit.unit, message.run)) ledger.settle(hold, unit.unit);
      else receive(hold, unit);
    }
    slots.pump();
  }

  function receive(hold: Hold, unit: WorkUnit): void {
    const inHand = ledger.has(unit.unit);
    const before = inHand ? undefined : answered.recall(unit.unit, unit.attempt);
    if (before !== undefined) answer(before, [hold]);
    else if (declines.shouldDecline(unit, inHand)) {
      answer({ kind: "declined", unit: unit.unit, attempt: unit.attempt, runtimeSec: 0 }, [hold]);
    } else if (!ledger.attach(hold, unit)) ledger.queue(hold, unit);
  }

  function cancel(units: readonly string[]): void {
    for (const task of ledger.cancel(units)) slots.abort(task);
  }

  /** n.b. the only place from which a delivery with an outcome is acked: after the confirm. */
  function answer(outcome: Outcome, holds: readonly Hold[], task?: Task): void {
    answering += 1;
    replies.send(outcome, (error) => {
      answering -= 1;
      if (error !== undefined) options.failed(error);
      else {
        for (const hold of holds) ledger.settle(hold, outcome.unit);
        if (task !== undefined) ledger.confirm(task);
      }
      noteQuiet();
    });
  }

  function ended(task: Task, ending: RunnerOutcome): void {
    const outcome = outcomeOf(task.unit, task.attempt, ending);
    if (outcome === undefined) {
      ledger.putBack(task);
      return noteQuiet();
    }
    const holds = ledger.finish(task);
    if (holds === undefined) return noteQuiet();
    if (outcome.kind === "result") {
      proven = true;
      done += 1;
    } else failed += 1;
    if (outcome.kind === "failure") {
      logger.warn({ unit: task.unit, attempt: task.attempt, code: outcome.code, reason: outcome.message }, "A fit failed");
    }
    options.fitted(outcome.runtimeSec);
    answered.remember(outcome);
    answer(outcome, holds, task);
  }

  function startFailed(task: Task, error: RecoError, givenUp: boolean): void {
    ledger.putBack(task);
    if (stopped) ledger.stop();
    noteQuiet();
    logger.warn({ unit: task.unit, reason: messageOf(error) }, "The reco could not be started, its unit goes back");
    if (isScratchProblem(error)) return options.failed(error);
    const whyCode: FailureCode = error.code === "image-failed" ? "image-failed" : "start-failed";
    if (givenUp) options.end({ status: 7, why: `recos cannot start here: ${messageOf(error)}`, whyCode, manner: "drain" });
  }

  function broken(task: Task, error: unknown): void {
    ledger.putBack(task);
    options.failed(error);
    noteQuiet();
  }

  const tellHolding = ({ unit, attempt }: Task): Promise<void> =>
    new Promise((resolve, reject) =>
      replies.send({ kind: "holding", unit, attempt, runtimeSec: 0 }, (error) => {
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error(messageOf(error)));
      }),
    );

  async function handOver(hold: Hold, tasks: readonly Task[]): Promise<void> {
    answering += 1;
    try {
      await Promise.all(tasks.map((task) => tellHolding(task)));
      ledger.handOver(
        hold,
        tasks.map(({ unit }) => unit),
      );
    } catch (error) {
      options.failed(error);
    } finally {
      answering -= 1;
      noteQuiet();
    }
  }

  const quiet = (): boolean => ledger.running === 0 && answering === 0;
  function noteQuiet(): void {
    if (quiet()) wakeDrain?.();
  }

  return {
    take,
    cancel,
    final(units, run) {
      finals.remember(units, run);
      cancel(units);
    },
    returnNotBegun: () => ledger.returnNotBegun(),
    returnAhead: (keptUnits) => ledger.returnAhead(keptUnits),
    oldestNotBegunSec: () => ledger.oldestNotBegunSec(nowMs()),
    beginNothing: () => slots.stop(),
    relieve(ageSec) {
      for (const { hold, tasks } of ledger.overdue(nowMs(), ageSec * 1000)) {
        logger.info({ units: tasks.map(({ unit }) => unit) }, "A long fit is handed to the server's care, it goes on here");
        void handOver(hold, tasks);
      }
    },
    drain() {
      stopped = true;
      slots.stop();
      ledger.stop();
      if (quiet()) return Promise.resolve();
      return new Promise((resolve) => (wakeDrain = resolve));
    },
    abandon(giveBack) {
      stopped = true;
      slots.stop();
      replies.stop();
      if (giveBack) for (const task of ledger.returnAll()) slots.abort(task);
    },
    close: () => slots.close(),
    counts: () => ({ done, failed, holding: ledger.holding(nowMs()) }),
    get queued() {
      return ledger.queued;
    },
    get running() {
      return ledger.running;
    },
    get busy() {
      return ledger.running + ledger.queued + answering > 0;
    },
    get run() {
      return run;
    },
  };
}
