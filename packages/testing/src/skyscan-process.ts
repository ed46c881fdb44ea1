import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { repositoryPath } from "./data.ts";

const program = repositoryPath("packages/cli/bin/skyscan.js");

export interface SkyscanEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real `skyscan` process, as a user starts it. */
export interface SkyscanProcess {
  readonly pid: number;
  /** All that it wrote so far. */
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<SkyscanEnd>;
  /** Resolves when stderr holds the text. Rejects when the process ends first, or after `limitSec` (two minutes). */
  said(text: string | RegExp, limitSec?: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

export interface SkyscanOptions {
  /** Added to this process's environment; undefined removes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

const running = new Set<SkyscanProcess>();

/** Starts `skyscan ARGS`. Processes that still run are ended by `endAll`. */
export function startSkyscan(args: readonly string[], options: SkyscanOptions = {}): SkyscanProcess {
  if (!existsSync(repositoryPath("packages/cli/dist/main.js")))
    throw new Error("the processes of tests run the built files: npx pnpm@10 build first");
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: options.cwd,
    env: { ...process.env, NODE_OPTIONS: undefined, VITEST: undefined, ...options.env },
  });
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<SkyscanEnd>((resolve) => {
    child.on("close", (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  const started: SkyscanProcess = {
    pid: child.pid!,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    ended,
    said(text, limitSec = 120) {
      const found = (): boolean => (typeof text === "string" ? stderr.includes(text) : text.test(stderr));
      return new Promise((resolve, reject) => {
        const settle = (error?: Error): void => {
          clearTimeout(timer);
          listeners.delete(look);
          if (error === undefined) resolve();
          else reject(error);
        };
        const look = (): void => (found() ? settle() : undefined);
        const timer = setTimeout(
          () => settle(new Error(`not said in ${limitSec} s: ${String(text)}\n${stderr.slice(-4000)}`)),
          limitSec * 1000,
        );
        listeners.add(look);
        void ended.then(({ status }) =>
          settle(
            found()
              ? undefined
              : new Error(`ended with ${String(status)} before it said ${String(text)}\n${stderr.slice(-4000)}`),
          ),
        );
        look();
      });
    },
    kill: (signal) => void child.kill(signal),
  };
  running.add(started);
  void ended.then(() => running.delete(started));
  return started;
}

/** Runs `skyscan ARGS` to its end. */
export const runSkyscan = (args: readonly string[], options: SkyscanOptions = {}): Promise<SkyscanEnd> =>
  startSkyscan(args, options).ended;

/** Kills what still runs: for `afterEach`. */
export async function endAllSkyscan(): Promise<void> {
  const left = [...running];
  for (const one of left) one.kill("SIGKILL");
  await Promise.all(left.map((one) => one.ended));
}

/** A new directory, with what removes it. */
export async function temporaryDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "skyscan-test-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Resolves with the first value of `look` that is not undefined; looks every 20 ms, for two minutes at most. */
export async function eventually<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    const value = await look();
    if (value !== undefined) return value;
    await wait(20);
  }
  throw new Error(`${what}: not in two minutes`);
}

/** A JSON file's content, or undefined while it is not there (files of the product appear whole, by rename). */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
