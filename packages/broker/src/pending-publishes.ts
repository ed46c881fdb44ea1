import type { Settled } from "./broker.ts";
import type { BrokerError } from "./errors.ts";

/** A publish that is not confirmed yet, with whatever a driver notes beside it. */
export interface PendingPublish<Note> {
  readonly body: Uint8Array;
  readonly note: Note;
}

/** What was published and is not confirmed, in the order of the calls: what a driver sends again after a reconnect. */
export interface PendingPublishes<Note> extends Iterable<PendingPublish<Note>> {
  readonly size: number;
  /** `settled` is called when it is settled. */
  add(body: Uint8Array, note: Note, settled: Settled): PendingPublish<Note>;
  has(entry: PendingPublish<Note>): boolean;
  /** Confirmed, or failed with `error`. A second call does nothing. */
  settle(entry: PendingPublish<Note>, error?: BrokerError): void;
  /** All of them fail. */
  failAll(error: BrokerError): void;
  /** Resolves when nothing is pending. */
  drain(): Promise<void>;
}

/** n.b. a linked list: tables that grow and shrink with every message are what costs most to collect. */
export function createPendingPublishes<Note>(): PendingPublishes<Note> {
  interface Entry extends PendingPublish<Note> {
    readonly settled: Settled;
    before: Entry | undefined;
    after: Entry | undefined;
    open: boolean;
  }
  let first: Entry | undefined;
  let last: Entry | undefined;
  let size = 0;
  let idle: (() => void)[] = [];

  function takeOut(entry: Entry): void {
    if (entry.before === undefined) first = entry.after;
    else entry.before.after = entry.after;
    if (entry.after === undefined) last = entry.before;
    else entry.after.before = entry.before;
    entry.before = undefined;
    entry.after = undefined;
    entry.open = false;
    size -= 1;
  }

  function settle(given: PendingPublish<Note>, error?: BrokerError): void {
    const entry = given as Entry;
    if (!entry.open) return;
    takeOut(entry);
    entry.settled(error);
    if (size > 0) return;
    const callbacks = idle;
    idle = [];
    for (const callback of callbacks) callback();
  }

  function all(): Entry[] {
    const entries: Entry[] = [];
    for (let entry = first; entry !== undefined; entry = entry.after) entries.push(entry);
    return entries;
  }

  return {
    get size() {
      return size;
    },
    add(body, note, settled) {
      const added: Entry = { body, note, settled, before: last, after: undefined, open: true };
      if (last === undefined) first = added;
      else last.after = added;
      last = added;
      size += 1;
      return added;
    },
    has: (entry) => (entry as Entry).open,
    settle,
    failAll(error) {
      for (const entry of all()) settle(entry, error);
    },
    drain: () => (size === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
    [Symbol.iterator]: () => all().values(),
  };
}
