/** Work that several ask for and that is done once: its result is kept, a failure is tried again by the next who asks. */
export interface SharedTasks<T> {
  /** Aborting the signal rejects this call with its reason at once; the work itself is aborted when nobody waits for it any more. */
  run(key: string, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
}

interface Task<T> {
  readonly result: Promise<T>;
  readonly abort: AbortController;
  waiting: number;
}

export function createSharedTasks<T>(): SharedTasks<T> {
  const tasks = new Map<string, Task<T>>();

  const begin = (key: string, work: (signal: AbortSignal) => Promise<T>): Task<T> => {
    const abort = new AbortController();
    const task: Task<T> = { result: work(abort.signal), abort, waiting: 0 };
    tasks.set(key, task);
    task.result.catch(() => {
      if (tasks.get(key) === task) tasks.delete(key);
    });
    return task;
  };

  return {
    async run(key, work, signal) {
      signal.throwIfAborted();
      const task = tasks.get(key) ?? begin(key, work);
      task.waiting += 1;
      let leave: (() => void) | undefined;
      try {
        const left = new Promise<never>((_, reject) => {
          leave = () => reject(signal.reason as Error);
          signal.addEventListener("abort", leave);
        });
        return await Promise.race([task.result, left]);
      } finally {
        if (leave !== undefined) signal.removeEventListener("abort", leave);
        task.waiting -= 1;
        if (task.waiting === 0) {
          // Of no consequence when it is done.
          if (signal.aborted && tasks.get(key) === task) tasks.delete(key);
          task.abort.abort();
        }
      }
    },
  };
}
