import type { Logger } from "@skyscan/runtime";

export interface LogLine {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps every line; `said` resolves with the first line of that message. */
export function listeningLogger(): Logger & { readonly lines: readonly LogLine[]; said(message: string): Promise<LogLine> } {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const log = (fields: object, message: string): void => {
    lines.push({ message, fields: { ...fields } });
    for (const look of [...waiting]) look();
  };
  const logger = {
    lines,
    debug: log,
    info: log,
    warn: log,
    error: log,
    child: () => logger,
    said: (message: string) =>
      new Promise<LogLine>((resolve) => {
        const look = (): void => {
          const line = lines.find((one) => one.message === message);
          if (line === undefined) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
        look();
      }),
  };
  return logger;
}
