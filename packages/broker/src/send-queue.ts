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

export function createSendQueue<Note>(pending: PendingPublishes<Note>): SendQueue<Note> {
  let waiting: PendingPublish<Note>[] = [];
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
        head += 1;
        if (head === waiting.length) become([]);
        if (pending.has(entry)) return entry;
      }
      return undefined;
    },
    clear: () => become([]),
  };
}
