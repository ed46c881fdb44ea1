/**
 * What was handed out by the broker and not read yet: from a driver's callbacks to one reader. Unlike a plain channel it can be emptied,
 * since what was handed out before a reconnect is void. Leaving a `for await` over it loses nothing: the next loop goes on.
 */
export interface DeliveryBuffer<T> extends AsyncIterable<T> {
  /** False when nobody will read it any more: the caller gives it back. */
  push(item: T): boolean;
  /**
   * Reads all that comes, as a loop would, without a promise for each item; until the end.
   * @throws as a loop does, and what `handle` throws
   */
  forEach(handle: (item: T) => void): Promise<void>;
  /** Takes out what nobody has read yet. */
  takeUnread(): T[];
  /** The reader's loop ends; what is unread is dropped, so take it out before. */
  end(): void;
  /** The reader's loop throws. */
  fail(error: Error): void;
}

export function createDeliveryBuffer<T>(): DeliveryBuffer<T> {
  let items: T[] = [];
  let head = 0;
  let outcome: { readonly error?: Error } | undefined;
  /** Of those who asked before there was anything, in their order. */
  let wakes: (() => void)[] = [];
  const signal = (): void => {
    const calls = wakes;
    wakes = [];
    for (const wake of calls) wake();
  };
  const finish = (how: { readonly error?: Error }): void => {
    if (outcome !== undefined) return;
    outcome = how;
    items = [];
    head = 0;
    signal();
  };

  function take(): T {
    const value = items[head] as T;
    head += 1;
    if (head === items.length) {
      items = [];
      head = 0;
    }
    return value;
  }

  /** n.b. not async, which would cost every message some promises more. */
  function next(): Promise<IteratorResult<T, undefined>> {
    if (head < items.length) return Promise.resolve({ done: false, value: take() });
    if (outcome?.error !== undefined) return Promise.reject(outcome.error);
    if (outcome !== undefined) return Promise.resolve({ done: true, value: undefined });
    return new Promise<void>((resolve) => wakes.push(resolve)).then(next);
  }

  return {
    push(item) {
      if (outcome !== undefined) return false;
      items.push(item);
      signal();
      return true;
    },
    async forEach(handle) {
      for (;;) {
        while (head < items.length) handle(take());
        if (outcome?.error !== undefined) throw outcome.error;
        if (outcome !== undefined) return;
        await new Promise<void>((resolve) => wakes.push(resolve));
      }
    },
    takeUnread() {
      const unread = items.slice(head);
      items = [];
      head = 0;
      return unread;
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    [Symbol.asyncIterator]: () => ({ next }),
  };
}
