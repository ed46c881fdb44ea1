import type { PendingPublish, PendingPublishes } from "./pending-publishes.ts";

/** Publishes that wait for room on the wire, in order: new ones, and after a reconnect all that is not confirmed. */
export interface SendQueue<Note> {
  /** At the end. */
  push(entry: PendingPublish<Note>): void;
  /** What waited is forgotten; all that is pending waits, in the order of the calls. */
  restart(): void;
  /** Takes the first one that is still pending; undefined when none waits. */
  next(): PendingPublish<Note> | undefined;
  clear(): void;
}

/** So many places are used before the array is begun anew: one for each message would be work for the collector. */
const places = 1024;

export function createSendQueue<Note>(pending: PendingPublishes<Note>): SendQueue<Note> {
  let waiting: (PendingPublish<Note> | undefined)[] = [];
  let head = 0;

  function become(entries: PendingPublish<Note>[]): void {
    waiting = entries;
    head = 0;
  }

  return {
    push: (entry) => void waiting.push(entry),
    restart: () => become([...pending]),
    next() {
      while (head < waiting.length) {
        const entry = waiting[head]!;
        waiting[head] = undefined;
        head += 1;
        if (head === waiting.length && head >= places) become([]);
        if (pending.has(entry)) return entry;
      }
      return undefined;
    },
    clear: () => become([]),
  };
}
