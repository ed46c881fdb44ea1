import { createHash } from "node:crypto";
import type { Consumer, Delivery } from "@skyscan/broker";
import { decodeReply, decodeWork, formatUnitId, parseUnitId } from "@skyscan/protocol";
import type { FailureCode, FitResult, Outcome, ReplyMessage } from "@skyscan/protocol";
import { codeOf, messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { deadArrivalsToKill, isGivenUp } from "../state/attempts.ts";
import type { Copies } from "./copies.ts";
import type { Counters } from "../state/counters.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Journal } from "../journal/journal.ts";
import type { FailureRecord } from "../journal/records.ts";
import type { UnitKey } from "../sky/unit-key.ts";
import type { FitValues } from "../sky/pixel-table.ts";
import type { ScanState } from "../state/scan-state.ts";

export interface CollectOptions {
  readonly scanId: string;
  readonly state: ScanState;
  readonly journal: Journal;
  readonly dispatch: Dispatch;
  readonly copies: Copies;
  readonly counters: Counters;
  readonly maxAttempts: number;
  readonly aliveHosts: () => number;
  /** The worker that says it is fitting the unit and is not known to be lost. */
  readonly fitterOf: (unit: string) => string | undefined;
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** A result or failure of a worker arrived (for who fails what others do, for statistics, for the idle timeout). */
  readonly onOutcome: (reply: ReplyMessage, outcome: Outcome, unit: UnitKey) => void;
  /** A unit became final, or another must go out: time to see what is next. */
  readonly onChange: () => void;
  /** A unit was given up because it takes its clients down. */
  readonly onKilled: () => void;
}

/**
 * What comes back. Disposition of a reply delivery: acked in any case, after what it says is in the journal on disk.
 *
 * | outcome | unit open | then |
 * |---|---|---|
 * | result | yes, whatever attempt or run | journalled, final |
 * | failure | yes, of the current attempt | journalled; tried again, or given up (NaN with its reason) |
 * | failure | yes, while another fit of the same unit goes on | counted; the other one stands for the attempt |
 * | failure | of an older attempt | counted as duplicate |
 * | declined | yes | a copy: dropped; else published again, at most twice with `avoid` |
 * | holding | yes | the unit is the server's care from now on |
 * | any | no | counted as duplicate |
 * | of no unit of this scan, or not decodable | | counted, set aside |
 */
export interface Collect {
  /** Consumes replies until the consumer ends. */
  replies(consumer: Consumer): Promise<void>;
  /** Consumes the dead-letter queue until it ends. */
  dead(consumer: Consumer): Promise<void>;
  /** Counts a failure that the engine itself found, or gives the unit up at once. */
  giveUp(unit: UnitKey, code: FailureCode, message: string): void;
}

export function createCollect(options: CollectOptions): Collect {
  const { scanId, state, journal, dispatch, copies, counters, logger, onChange } = options;

  function outcome(reply: ReplyMessage, one: Outcome): void {
    const unit = parseUnitId(one.unit);
    if (unit === undefined || !state.isKnown(unit)) {
      counters.foreign += 1;
      return;
    }
    options.onOutcome(reply, one, unit);
    if (!state.isOpen(unit)) {
      counters.duplicates += 1;
      return;
    }
    switch (one.kind) {
      case "result": {
        const worker = indexOf(reply);
        const record = { type: "result", ...unit, values: valuesOf(one.result), runtimeSec: one.runtimeSec, worker } as const;
        state.apply(record);
        journal.append(record);
        dispatch.settle(one.unit);
        copies.settled(one.unit, { worker: reply.worker, runtimeSec: one.runtimeSec });
        return;
      }
      case "failure":
        failure(reply, one, unit);
        return;
      case "declined": {
        counters.declined += 1;
        if (copies.declined(one.unit) || !dispatch.outstanding.has(one.unit)) return;
        state.troubleFor(unit).declines += 1;
        dispatch.again(unit);
        return;
      }
      case "holding": {
        counters.holding += 1;
        const out = dispatch.outstanding.get(one.unit);
        if (out === undefined) return;
        out.holder = reply.worker;
        out.sinceMs = options.nowMs();
      }
    }
  }

  /** The worker's index in the journal, which it gets with its first result. */
  function indexOf({ worker, host }: ReplyMessage): number {
    const known = state.indexOf(worker);
    if (known !== undefined) return known;
    const record = { type: "worker", index: state.indexedWorkers, worker, host } as const;
    state.apply(record);
    journal.append(record);
    return record.index;
  }

  function failure(reply: ReplyMessage, one: Outcome & { kind: "failure" }, unit: UnitKey): void {
    if (one.retry && one.attempt === state.attemptOf(unit) && copies.failed(one.unit, reply.worker)) {
      counters.failures += 1;
      const out = dispatch.outstanding.get(one.unit);
      if (out?.holder === reply.worker) out.holder = undefined;
      logger.info(
        { unit: one.unit, code: one.code, host: reply.host, reason: one.message },
        "one of several fits of a unit failed: the other one is waited for",
      );
      return;
    }
    const record: FailureRecord = {
      type: "failure",
      ...unit,
      attempt: one.attempt,
      host: reply.host,
      worker: reply.worker,
      code: one.code,
      message: one.message,
      retry: one.retry,
      stderrTail: one.stderrTail.slice(-2000),
    };
    if (!state.apply(record)) {
      counters.duplicates += 1;
      return;
    }
    counters.failures += 1;
    journal.append(record);
    const { failures } = state.troubleFor(unit);
    const count = { failures: failures.length, distinctHosts: new Set(failures.map((past) => past.host)).size };
    if (!one.retry || isGivenUp(count, options.maxAttempts, options.aliveHosts())) giveUp(unit, one.code, one.message);
    else {
      logger.debug(
        { unit: one.unit, code: one.code, host: reply.host, attempt: one.attempt, reason: one.message },
        "a fit failed and is tried again",
      );
      dispatch.again(unit);
    }
  }

  function giveUp(unit: UnitKey, code: FailureCode, message: string): void {
    const record = { type: "gave-up", nside: unit.nside, pixel: unit.pixel, posvar: unit.posvar, code, message } as const;
    if (!state.apply(record)) return;
    journal.append(record);
    const id = formatUnitId(unit.nside, unit.pixel, unit.posvar);
    dispatch.settle(id);
    copies.settled(id);
    logger.warn({ unit: id, code, reason: message }, "a unit failed for good: NaN in the map");
    if (code === "killed") options.onKilled();
  }

  function reply(delivery: Delivery): void {
    let message: ReplyMessage;
    try {
      message = decodeReply(delivery.body);
    } catch (error) {
      setAside(delivery, error);
      return;
    }
    if (message.scan === scanId) for (const one of message.outcomes) outcome(message, one);
    else counters.foreign += message.outcomes.length;
    journal.afterDurable(() => delivery.ack());
    onChange();
  }

  function setAside(delivery: Delivery, error: unknown): void {
    counters.invalid += 1;
    const sha256 = createHash("sha256").update(delivery.body.subarray(0, 200)).digest("hex");
    logger.warn(
      { code: codeOf(error), reason: messageOf(error), bytes: delivery.body.byteLength, sha256 },
      "a message was not understood and is set aside",
    );
    delivery.ack();
  }

  return {
    giveUp,
    async replies(consumer) {
      await consumer.forEach(reply);
    },
    async dead(consumer) {
      for await (const delivery of consumer) {
        deadLetter(delivery);
      }
    },
  };

  function deadLetter(delivery: Delivery): void {
    counters.dead += 1;
    for (const unit of unitsOfDead(delivery)) {
      if (!state.isOpen(unit)) continue;
      const record = { type: "dead", ...unit } as const;
      state.apply(record);
      journal.append(record);
      const arrivals = state.troubleFor(unit).deadArrivals;
      if (arrivals >= deadArrivalsToKill) {
        giveUp(unit, "killed", `its message came to the dead-letter queue ${arrivals} times: it takes its clients down`);
        continue;
      }
      // Who was fitting it last has most likely died of it, which is certain after three beats: until then it rests, so that it does not
      // take down everybody else meanwhile.
      const fitter = options.fitterOf(formatUnitId(unit.nside, unit.pixel, unit.posvar));
      if (fitter === undefined) dispatch.again(unit);
      else dispatch.hold(unit, fitter);
    }
    journal.afterDurable(() => delivery.ack());
    onChange();
  }

  function unitsOfDead(delivery: Delivery): readonly UnitKey[] {
    try {
      const message = decodeWork(delivery.body);
      return message.scan === scanId ? message.units.flatMap((work) => parseUnitId(work.unit) ?? []) : [];
    } catch (error) {
      setAside(delivery, error);
      return [];
    }
  }
}

const orNaN = (value: number | null): number => value ?? NaN;

const valuesOf = (result: FitResult): FitValues => ({
  llh: orNaN(result.llh),
  eIn: orNaN(result.eInGeV),
  eTot: orNaN(result.eTotGeV),
  x: orNaN(result.xM),
  y: orNaN(result.yM),
  z: orNaN(result.zM),
  t: orNaN(result.timeNs),
});
