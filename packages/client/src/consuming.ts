import type { Intake } from "./intake.ts";

export interface ConsumingOptions {
  /** An intake that can take so many deliveries at once. */
  readonly createIntake: (prefetch: number) => Intake;
  /** How many deliveries the slots that can be had now can have in hand. */
  readonly room: () => number;
  /** Nothing new comes until `resume`: what has not begun may go back. */
  readonly paused: () => void;
  /** As an intake's `open` and `run` do. */
  readonly failed: (error: unknown) => void;
}

/** Whether a session takes work, and how much. Pausing ends the consumers, resuming opens others: a consumer cannot be told to wait. */
export interface Consuming {
  /** Takes what comes, as soon as there is a slot for it. @throws BrokerError when that is at once and goes wrong. */
  resume(): Promise<void>;
  pause(): void;
  /** To be called again and again: takes so many deliveries ahead, and more at a time when there is more room than there was. */
  lookAhead(deliveries: number): void;
  /** Nothing new comes after this. */
  stop(): Promise<void>;
  /** Deliveries that are taken ahead. */
  readonly ahead: number;
  readonly wanted: boolean;
}

export function createConsuming(options: ConsumingOptions): Consuming {
  const { room, failed } = options;
  let current: { readonly intake: Intake; readonly prefetch: number; grown: number } | undefined;
  let wanted = false;
  let stopped = false;
  let changing = false;
  let ahead = 0;

  /** Brings it to what is wanted; one change at a time. */
  async function change(): Promise<void> {
    if (changing) return;
    changing = true;
    try {
      while (!stopped && wanted !== (current !== undefined)) {
        if (current === undefined) {
          const prefetch = room();
          if (prefetch === 0) return;
          const intake = options.createIntake(prefetch);
          current = { intake, prefetch, grown: 0 };
          await intake.open();
          intake.lookAhead(ahead);
          intake.run().catch(failed);
        } else {
          const { intake } = current;
          current = undefined;
          await intake.stop();
          options.paused();
        }
      }
    } finally {
      changing = false;
    }
  }

  return {
    resume() {
      wanted = true;
      return change();
    },
    pause() {
      wanted = false;
      change().catch(failed);
    },
    lookAhead(deliveries) {
      ahead = deliveries;
      change().catch(failed);
      if (current === undefined || changing) return;
      // It never becomes less: a slot that another scan had for a moment is no reason to give anything back.
      current.grown = Math.max(current.grown, room() - current.prefetch);
      current.intake.lookAhead(deliveries + current.grown);
    },
    async stop() {
      stopped = true;
      await current?.intake.stop();
    },
    get ahead() {
      return current?.intake.ahead ?? 0;
    },
    get wanted() {
      return wanted;
    },
  };
}
