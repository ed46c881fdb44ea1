import { setTimeout as pause } from "node:timers/promises";
import type { SkyscanEnd, SkyscanProcess } from "@skyscan/testing";

/** One process of a run as its operator sees it: started again with the same command until it has ended well, or is no longer wanted. */
export interface Role {
  readonly name: string;
  /** The process that runs now, or ran last. */
  readonly process: SkyscanProcess;
  readonly running: boolean;
  /** How often it was started. */
  readonly starts: number;
  /** Settles with the process's end; then it may be started again. */
  readonly ended: Promise<SkyscanEnd>;
  /** SIGKILL. Resolves when it is gone, false when it was gone before. */
  kill(): Promise<boolean>;
  signal(signal: NodeJS.Signals): void;
  /** From now on, ends with this status are what cli.md says for what is done to it. */
  excuse(...statuses: readonly number[]): void;
  /** One after the other: what is done between an end and the next start. It is not started again meanwhile. */
  whileDown<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when it runs, and has been started more than `starts` times; false when it is finished. */
  restarted(starts: number): Promise<boolean>;
  /** Ended with 0, or not to be started again. */
  readonly finished: Promise<void>;
}

export interface RoleOptions {
  readonly name: string;
  readonly start: () => SkyscanProcess;
  /** False: after its end it stays away. */
  readonly wanted: () => boolean;
  /** Called at each end that nobody expected. */
  readonly unexpected: (sentence: string) => void;
  readonly note: (text: string) => void;
  readonly onStart: (process: SkyscanProcess) => void;
  /** All that was written by a process that ended. */
  readonly onEnd: (name: string, end: SkyscanEnd) => void;
}

/** An operator starts again after this long, milliseconds, and gives up after so many starts. */
const restartMs = 200;
const maxStarts = 40;

export function startRole(options: RoleOptions): Role {
  const { name, note } = options;
  const excused = new Set([0]);
  const startListeners = new Set<() => void>();
  let signalled = new Set<NodeJS.Signals>();
  let running = false;
  let done = false;
  let starts = 0;
  let process!: SkyscanProcess;
  let down: Promise<unknown> = Promise.resolve();

  function judge(end: SkyscanEnd): void {
    const how = end.signal ?? String(end.status);
    note(`${name} ended with ${how}`);
    const asDone =
      (end.signal !== null && signalled.has(end.signal)) ||
      (end.status !== null && excused.has(end.status)) ||
      (end.status === 5 && signalled.has("SIGTERM"));
    if (!asDone) options.unexpected(`${name} (start ${starts}) ended with ${how}: ${end.stderr.trim().split("\n").at(-1) ?? ""}`);
  }

  async function operate(): Promise<void> {
    while (starts < maxStarts) {
      starts += 1;
      signalled = new Set();
      process = options.start();
      running = true;
      options.onStart(process);
      note(`${name} started, process ${process.pid}`);
      for (const listener of [...startListeners]) listener();
      const end = await process.ended;
      running = false;
      judge(end);
      options.onEnd(`${name.replaceAll(" ", "-")}-${starts}`, end);
      if (end.status === 0 || !options.wanted()) return;
      await pause(restartMs);
      for (let before: unknown; before !== down;) await (before = down);
      if (!options.wanted()) return;
    }
    options.unexpected(`${name} was started ${maxStarts} times`);
  }

  const finished = operate().finally(() => {
    done = true;
    for (const listener of [...startListeners]) listener();
  });

  return {
    name,
    get process() {
      return process;
    },
    get running() {
      return running;
    },
    get starts() {
      return starts;
    },
    get ended() {
      return process.ended;
    },
    async kill() {
      if (!running) return false;
      signalled.add("SIGKILL");
      note(`kill -9 ${name}`);
      process.kill("SIGKILL");
      return (await process.ended).signal === "SIGKILL";
    },
    signal(signal) {
      if (!running) return;
      signalled.add(signal);
      note(`${signal} to ${name}`);
      process.kill(signal);
    },
    excuse: (...statuses) => statuses.forEach((status) => excused.add(status)),
    whileDown(work) {
      const result = down.then(work);
      down = result.catch(() => undefined);
      return result;
    },
    async restarted(after) {
      while (!done && !(running && starts > after)) {
        await new Promise<void>((resolve) => {
          const heard = (): void => {
            startListeners.delete(heard);
            resolve();
          };
          startListeners.add(heard);
        });
      }
      return !done;
    },
    finished,
  };
}
