import { beatSec } from "@skyscan/protocol";
import { createDeclines, createFinals, createLookahead } from "@skyscan/client/parts";
import { decodeControl, decodeWork, encode, packageVersion, protocolVersion } from "@skyscan/protocol";
import type { Outcome, WorkerStatus, WorkUnit } from "@skyscan/protocol";
import type { Attached, StandInBroker } from "./stand-in-broker.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface ClientModelOptions {
  readonly time: VirtualTime;
  readonly broker: StandInBroker;
  readonly scanId: string;
  readonly name: string;
  readonly slots: number;
  readonly reco: WorkerStatus["versions"]["reco"];
  /** Of its first beat after the hello, milliseconds. */
  readonly beatPhaseMs: number;
  /** How long the fit of a unit takes on this host. */
  readonly fitMs: (unit: WorkUnit) => number;
  readonly llhOf: (unit: WorkUnit) => number;
  /** A fit ended, or was ended; `copy`: it was for the sake of a late one. */
  readonly fitted: (sec: number, copy: boolean) => void;
}

/** One client on one host. */
export interface ClientModel {
  /** The host dies; the broker sees it so much later. */
  die(seenAfterMs: number): void;
}

interface Task {
  readonly unit: WorkUnit;
  readonly ends: (() => void)[];
  beganMs: number | undefined;
}

/**
 * What a client does as seen from outside: takes what slots and lookahead hold, fits, replies, acks, declines, beats, obeys `cancel` and
 * `who-holds`. What to take ahead, to decline, and to leave unfitted is decided by the client's own code; processes and waits after failures are left out.
 */
export function createClientModel(options: ClientModelOptions): ClientModel {
  const { time, scanId, name, slots } = options;
  const lookahead = createLookahead({ slots, prefetch: slots });
  const declines = createDeclines(name);
  const finals = createFinals();
  const tasks = new Map<string, Task>();
  const queue: Task[] = [];
  let running = 0;
  let done = 0;
  let dead = false;
  let run = 1;

  const consumer = { prefetch: slots, take, hear };
  const link: Attached = options.broker.attach(consumer);

  function take(body: Uint8Array, end: () => void): void {
    if (dead) return;
    const message = decodeWork(body);
    run = message.run;
    lookahead.arrived(message.units.length);
    for (const unit of message.units) {
      const inHand = tasks.get(unit.unit);
      if (finals.has(unit.unit, message.run)) end();
      else if (declines.shouldDecline(unit, inHand !== undefined)) {
        reply({ kind: "declined", unit: unit.unit, attempt: unit.attempt, runtimeSec: 0 });
        end();
      } else if (inHand !== undefined) inHand.ends.push(end);
      else {
        const task: Task = { unit, ends: [end], beganMs: undefined };
        tasks.set(unit.unit, task);
        queue.push(task);
      }
    }
    begin();
  }

  function begin(): void {
    while (running < slots) {
      const task = queue.shift();
      if (task === undefined) return;
      running += 1;
      task.beganMs = time.nowMs;
      time.after(options.fitMs(task.unit), () => {
        if (dead || tasks.get(task.unit.unit) !== task) return;
        finish(task);
        reply({
          kind: "result",
          unit: task.unit.unit,
          attempt: task.unit.attempt,
          runtimeSec: elapsedSec(task),
          result: { llh: options.llhOf(task.unit), eInGeV: null, eTotGeV: null, xM: 0, yM: 0, zM: 0, timeNs: 0 },
        });
        done += 1;
        lookahead.fitted(elapsedSec(task));
        consumer.prefetch = slots + lookahead.wanted(0);
        for (const end of task.ends) end();
        link.wake();
        begin();
      });
    }
  }

  const elapsedSec = (task: Task): number => (task.beganMs === undefined ? 0 : (time.nowMs - task.beganMs) / 1000);

  function finish(task: Task): void {
    tasks.delete(task.unit.unit);
    if (task.beganMs === undefined) queue.splice(queue.indexOf(task), 1);
    else {
      running -= 1;
      options.fitted(elapsedSec(task), task.unit.avoid !== undefined);
    }
  }

  function reply(outcome: Outcome): void {
    link.reply(encode({ v: protocolVersion, scan: scanId, run, worker: name, host: name, outcomes: [outcome] }));
  }

  function beat(state: WorkerStatus["state"]): void {
    const holding = [...tasks.values()].map((task) => ({
      unit: task.unit.unit,
      elapsedSec: task.beganMs === undefined ? 0 : Math.max(0.001, elapsedSec(task)),
    }));
    const status: WorkerStatus = {
      v: protocolVersion,
      type: "worker-status",
      scan: scanId,
      worker: name,
      host: name,
      slots,
      lookahead: lookahead.units(consumer.prefetch - slots),
      done,
      failed: 0,
      holding,
      versions: { protocol: protocolVersion, package: packageVersion, reco: options.reco },
      state,
    };
    link.beat(encode(status));
  }

  function beats(): void {
    if (dead) return;
    beat("working");
    time.after(1000 * beatSec, beats);
  }

  function cancel(units: readonly string[]): void {
    for (const id of units) {
      const task = tasks.get(id);
      if (task === undefined) continue;
      finish(task);
      for (const end of task.ends) end();
    }
    begin();
  }

  function hear(body: Uint8Array): void {
    if (dead) return;
    const message = decodeControl(body);
    if (message.type === "who-holds") beat("working");
    if (message.type !== "cancel") return;
    if (message.worker === undefined) finals.remember(message.units, message.run);
    if (message.worker === undefined || message.worker === name) cancel(message.units);
  }

  beat("hello");
  time.after(options.beatPhaseMs, beats);
  return {
    die(seenAfterMs) {
      dead = true;
      for (const task of [...tasks.values()])
        if (task.beganMs !== undefined) options.fitted(elapsedSec(task), task.unit.avoid !== undefined);
      time.after(seenAfterMs, () => link.lose());
    },
  };
}
