import { UsageError, createLogger } from "@skyscan/runtime";
import type { LogFormat, LogLevel, Logger } from "@skyscan/runtime";
import { environmentLogLevel, warnOfUnknown } from "./environment.ts";

/** What a command gets from the process it runs in. */
export interface CommandContext {
  readonly logger: Logger;
  /** First SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Second one: leave now. */
  readonly force: AbortSignal;
  /** Results go to stdout, everything else to stderr. */
  print(text: string): void;
  complain(text: string): void;
}

/** A command's exit status. */
export type Command<T> = (args: T, context: CommandContext) => Promise<number>;

export interface LogArguments {
  readonly logLevel: LogLevel | undefined;
  readonly logFormat: LogFormat | undefined;
}

/** The logger that flags and environment ask for; pretty on a terminal, JSON elsewhere. @throws UsageError */
export function commandLogger(args: LogArguments, quiet: boolean): Logger {
  const problems: string[] = [];
  const fromEnvironment = environmentLogLevel(problems);
  if (problems.length > 0) throw new UsageError(problems);
  const level = args.logLevel ?? (quiet && fromEnvironment === "info" ? "warn" : fromEnvironment);
  const logger = createLogger({ level, format: args.logFormat ?? (process.stderr.isTTY ? "pretty" : "json") });
  warnOfUnknown(logger);
  return logger;
}
