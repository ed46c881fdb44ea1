import { execFile } from "node:child_process";
import type { ContainerChoice } from "./choice.ts";

/** How one of the engine's own commands ended. */
export interface EngineCommandEnd {
  /** Null: it was killed, or could not be started. */
  readonly status: number | null;
  readonly stdout: string;
  /** The end of it. */
  readonly stderr: string;
}

export interface EngineCommandOptions {
  readonly choice: Pick<ContainerChoice, "executable">;
  readonly environment: Readonly<Record<string, string>>;
  /** Default: a minute. 0: none. */
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

const keptChars = 2000;

/** Runs one of the engine's own commands, such as `kill`, to its end. Never rejects. */
export function engineCommand(args: readonly string[], options: EngineCommandOptions): Promise<EngineCommandEnd> {
  const { choice, environment, limitMs = 60_000, signal } = options;
  return new Promise((resolve) => {
    const child = execFile(
      choice.executable,
      args,
      { env: { ...environment }, timeout: limitMs, killSignal: "SIGKILL", maxBuffer: 1 << 26, signal },
      (error, stdout, stderr) => {
        const why = error !== null && child.exitCode === null ? `${error.message}\n` : "";
        resolve({ status: child.exitCode, stdout, stderr: (why + stderr).trimEnd().slice(-keptChars) });
      },
    );
    child.stdin?.end();
  });
}
