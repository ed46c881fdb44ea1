import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { repositoryPath, skipReason } from "@skyscan/testing";

export const nativeExecutable: string = repositoryPath("packages/recos/build/pandel");
export const nativeUnitTests: string = repositoryPath("packages/recos/build/pandel_test");
export const sanitizedExecutable: string = repositoryPath("packages/recos/build/sanitized/pandel");
export const sanitizedUnitTests: string = repositoryPath("packages/recos/build/sanitized/pandel_test");

/**
 * Builds what is not up to date. Undefined when that went well, else why tests over it are skipped: there is no compiler.
 * @throws Error when there is a compiler and it refuses the sources
 */
export function buildNative(): string | undefined {
  const built = spawnSync(process.execPath, [repositoryPath("scripts/build-native.mjs"), "--test"], { encoding: "utf8" });
  if (built.status === 0) return undefined;
  if (!built.stderr.includes("needs a C++17 compiler")) throw new Error(`the native reco does not build:\n${built.stderr}`);
  return skipReason("compiler", "there is no C++17 compiler");
}

/**
 * The same with AddressSanitizer and UndefinedBehaviorSanitizer. Undefined when that went well, else why tests over it are skipped.
 * @throws Error when the compiler has both and refuses the sources
 */
export function buildSanitized(): string | undefined {
  const built = spawnSync(process.execPath, [repositoryPath("scripts/build-native.mjs"), "--test", "--sanitize"], {
    encoding: "utf8",
  });
  if (built.status === 0) return undefined;
  const reason = /needs a C\+\+17 compiler|does not support .* here: .*/.exec(built.stderr)?.[0];
  if (reason === undefined) throw new Error(`the native reco does not build with sanitizers:\n${built.stderr}`);
  return skipReason("sanitizers", `the compiler ${reason}`);
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** A process of the native reco, and the engine's end of its pipes. */
export interface NativeProcess extends AsyncDisposable {
  readonly pid: number;
  /** Writes as it is, in one piece. */
  write(text: string): void;
  send(...messages: readonly object[]): void;
  /** The next line of stdout; rejects when the process ends before it comes. */
  line(): Promise<string>;
  lines(count: number): Promise<string[]>;
  /** What it logged so far. */
  stderr(): string;
  /** Closes stdin. */
  close(): void;
  kill(signal: NodeJS.Signals): void;
  ended: Promise<Ended>;
}

export function startNative(args: readonly string[], executable: string = nativeExecutable): NativeProcess {
  const child = spawn(executable, [...args], { stdio: ["pipe", "pipe", "pipe"], env: { LC_ALL: "C.UTF-8" } });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${executable} cannot be started`);
  let log = "";
  let rest = "";
  const arrived: string[] = [];
  const waiting: { take: (line: string) => void; giveUp: (why: Error) => void }[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const first = waiting.shift();
      if (first === undefined) arrived.push(part);
      else first.take(part);
    }
  });
  // A process that has left on its own no longer reads; its status says why.
  child.stdin.on("error", () => undefined);
  const ended = once(child, "close").then(([status, signal]): Ended => {
    for (const { giveUp } of waiting.splice(0)) giveUp(new Error(`ended with ${status ?? signal}: ${log}`));
    return { status: status as number | null, signal: signal as NodeJS.Signals | null, stderr: log };
  });
  const line = (): Promise<string> => {
    const first = arrived.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((take, giveUp) => waiting.push({ take, giveUp }));
  };
  return {
    pid,
    write: (text) => void child.stdin.write(text),
    send: (...messages) => void child.stdin.write(messages.map((message) => `${JSON.stringify(message)}\n`).join("")),
    line,
    async lines(count) {
      const all: string[] = [];
      while (all.length < count) all.push(await line());
      return all;
    },
    stderr: () => log,
    close: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
