/**
 * Base of every error family of the house. Callers switch on `code`, never on the text.
 * `retryable` is data: true when the same call may succeed later without anybody changing anything.
 */
export abstract class SkyscanError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly retryable: boolean;

  constructor(code: Code, message: string, options: { readonly cause?: unknown; readonly retryable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/**
 * What the user gave cannot be used: every problem found, one line each. Ends a process with status 2.
 * Thrown by whoever reads flags, environment or input files.
 */
export class UsageError extends SkyscanError<"usage"> {
  readonly problems: readonly string[];

  constructor(problems: string | readonly string[], options: { readonly cause?: unknown } = {}) {
    const list = typeof problems === "string" ? [problems] : problems;
    super("usage", list.join("\n"), options);
    this.problems = list;
  }
}

/** The message of anything that was thrown, with the messages of its causes behind it. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const own =
    thrown instanceof AggregateError && thrown.message === "" ? thrown.errors.map(messageOf).join("; ") : thrown.message;
  if (thrown.cause === undefined) return own;
  const cause = messageOf(thrown.cause);
  return own.includes(cause) ? own : `${own}: ${cause}`;
}

/** The `code` of a thrown value (Node's `ENOSPC`, a family's code), or undefined. Looks through causes. */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  if ("code" in thrown && typeof thrown.code === "string") return thrown.code;
  return "cause" in thrown ? codeOf(thrown.cause) : undefined;
}
