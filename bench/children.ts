import { spawn } from "node:child_process";
import { repositoryPath } from "@skyscan/testing";

/** A process of a measurement. */
export interface Child {
  readonly pid: number;
  /** Its stdout. Rejects when it ends by itself with another status than 0. */
  readonly output: Promise<string>;
  /** Asks it to end and waits for that. */
  stop(): Promise<void>;
  /** Ends it now, whatever it does. */
  kill(): Promise<void>;
}

export interface Program {
  /** Path in the checkout: `.ts` runs through tsx, as the bench itself does. */
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export function startChild({ file, args, env = {} }: Program): Child {
  const loader = file.endsWith(".ts") ? ["--import", "tsx"] : [];
  const child = spawn(process.execPath, [...loader, repositoryPath(file), ...args], {
    cwd: repositoryPath(),
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: undefined, VITEST: undefined, ...env },
  });
  let stdout = "";
  let stderr = "";
  let asked = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr = (stderr + text).slice(-4000)));
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  const output = closed.then((status) => {
    if (status === 0 || asked) return stdout;
    throw new Error(`${file} ended with ${String(status)}:\n${stderr}`);
  });
  output.catch(() => undefined);
  const end = (signal: NodeJS.Signals): Promise<unknown> => {
    asked = true;
    child.kill(signal);
    return closed;
  };
  return {
    pid: child.pid!,
    output,
    async stop() {
      await end("SIGTERM");
    },
    async kill() {
      await end("SIGKILL");
    },
  };
}
