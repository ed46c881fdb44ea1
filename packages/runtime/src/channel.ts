/**
 * An in-memory hand-over from callbacks to one `for await` loop: unbounded, in order.
 * `end()` lets the reader finish what is there; `fail(error)` makes it throw after that.
 */
export interface Channel<T> extends AsyncIterable<T> {
  push(item: T): void;
  end(): void;
  fail(error: unknown): void;
  readonly size: number;
}

export function createChannel<T>(): Channel<T> {
  let items: T[] = [];
  let head = 0;
  let closed = false;
  let failure: { error: unknown } | undefined;
  let wake: (() => void) | undefined;
  const signal = (): void => {
    wake?.();
    wake = undefined;
  };
  const size = (): number => items.length - head;

  async function next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      if (size() > 0) {
        const value = items[head] as T;
        items[head] = undefined as T;
        head += 1;
        if (head === items.length) {
          items = [];
          head = 0;
        }
        return { done: false, value };
      }
      if (failure !== undefined) throw failure.error;
      if (closed) return { done: true, value: undefined };
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  return {
    push(item) {
      if (closed) return;
      items.push(item);
      signal();
    },
    end() {
      closed = true;
      signal();
    },
    fail(error) {
      if (closed) return;
      closed = true;
      failure = { error };
      signal();
    },
    get size() {
      return size();
    },
    [Symbol.asyncIterator]: () => ({
      next,
      return() {
        closed = true;
        items = [];
        head = 0;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}
