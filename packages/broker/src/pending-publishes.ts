import type { BrokerError } from "./errors.ts";

/** A publish that is not confirmed yet, with whatever a driver notes beside it. */
export interface PendingPublish<Note> {
  readonly body: Uint8Array;
  readonly note: Note;
}

/** What was published and is not confirmed, in the order of the calls: what a driver sends again after a reconnect. */
export interface PendingPublishes<Note> extends Iterable<PendingPublish<Note>> {
  readonly size: number;
  /** `settled` is the promise that the caller of `publish` gets. */
  add(body: Uint8Array, note: Note): { readonly entry: PendingPublish<Note>; readonly settled: Promise<void> };
  has(entry: PendingPublish<Note>): boolean;
  /** Confirmed, or failed with `error`. A second call does nothing. */
  settle(entry: PendingPublish<Note>, error?: BrokerError): void;
  /** All of them fail. */
  failAll(error: BrokerError): void;
  /** Resolves when nothing is pending. */
  drain(): Promise<void>;
}

export function createPendingPublishes<Note>(): PendingPublishes<Note> {
  interface Entry extends PendingPublish<Note> {
    readonly resolve: () => void;
    readonly reject: (error: BrokerError) => void;
  }
  const entries = new Map<PendingPublish<Note>, Entry>();
  let idle: (() => void)[] = [];

  function settle(entry: PendingPublish<Note>, error?: BrokerError): void {
    const pending = entries.get(entry);
    if (pending === undefined) return;
    entries.delete(entry);
    if (error === undefined) pending.resolve();
    else pending.reject(error);
    if (entries.size > 0) return;
    const callbacks = idle;
    idle = [];
    for (const callback of callbacks) callback();
  }

  return {
    get size() {
      return entries.size;
    },
    add(body, note) {
      let added!: Entry;
      const settled = new Promise<void>((resolve, reject) => {
        added = { body, note, resolve, reject };
      });
      entries.set(added, added);
      return { entry: added, settled };
    },
    has: (entry) => entries.has(entry),
    settle,
    failAll(error) {
      for (const entry of [...entries.keys()]) settle(entry, error);
    },
    drain: () => (entries.size === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
    [Symbol.iterator]: () => entries.keys(),
  };
}
