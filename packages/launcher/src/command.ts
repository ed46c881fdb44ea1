import { spawn } from "node:child_process";
import { UsageError, codeOf } from "@skyscan/runtime";

export interface CommandEnd {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of the batch system's own commands to its end. @throws UsageError when there is no such command. */
export type RunCommand = (argv: readonly string[], options?: { readonly input?: string }) => Promise<CommandEnd>;

export const runCommand: RunCommand = (argv, { input } = {}) =>
  new Promise((resolve, reject) => {
    const [name = "", ...words] = argv;
    const child = spawn(name, words, { stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
    child.on("error", (error) => {
      reject(
        codeOf(error) === "ENOENT" ? new UsageError(`there is no command ${name} here: run this where it is installed`) : error,
      );
    });
    child.on("close", (status) => resolve({ status, stdout, stderr }));
    // A command that does not read its input ends as it likes.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });

/** As `run`, for a command that has to succeed; returns what it printed. @throws UsageError with what it said. */
export async function mustRun(run: RunCommand, argv: readonly string[], input?: string): Promise<string> {
  const { status, stdout, stderr } = await run(argv, input === undefined ? {} : { input });
  if (status === 0) return stdout;
  const said = (stderr.trim() || stdout.trim()).split("\n").slice(-8).join("\n  ");
  throw commandFailed(argv[0]!, status, said || "it said nothing");
}

/** `command`: for people, with the words that matter. */
export const commandFailed = (command: string, status: number | null, said: string): UsageError =>
  new UsageError(`${command} ended with status ${status ?? "of a signal"}: ${said}`);
