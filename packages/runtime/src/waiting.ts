import { setTimeout as timer } from "node:timers/promises";

/** Resolves after `ms`, or at once when `signal` aborts (it never rejects: callers look at the signal). */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  await timer(ms, undefined, { signal }).catch(() => undefined);
}

/** The value of `promise`, or `late` when it has not settled after `ms`. The promise goes on; its late rejection is swallowed. */
export async function within<T, L>(ms: number, promise: Promise<T>, late: L): Promise<T | L> {
  const stop = new AbortController();
  const expired = timer(ms, late, { signal: stop.signal }).catch(() => late);
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, expired]);
  } finally {
    stop.abort();
  }
}

/** A promise with its resolve and reject outside. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

export function deferred<T = void>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((ok, bad) => {
    resolve = ok;
    reject = bad;
  });
  return { promise, resolve, reject };
}
