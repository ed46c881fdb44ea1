import { createRequire } from "node:module";
import pino from "pino";
import type { PinoPretty } from "pino-pretty";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";
export const logLevels: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "silent"];
export type LogFormat = "json" | "pretty";

/** A constant message, its data in fields. Everything goes to stderr: stdout is for results. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}

/** Field names whose values never reach a log, at the top or one level down. */
const secretFields = ["token", "password", "auth", "secret", "authorization"];

/** A logger that writes to stderr, synchronously, so that the last line before a death is seen. */
export function createLogger(options: { readonly level: LogLevel; readonly format: LogFormat }): Logger {
  const settings = {
    level: options.level,
    base: null,
    redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: "[secret]" },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  if (options.format === "json") return pino(settings, pino.destination({ dest: 2, sync: true }));
  // Loaded for people only: it costs more than all else that a short command does.
  const pretty = createRequire(import.meta.url)("pino-pretty") as typeof PinoPretty;
  const stream = pretty({
    destination: 2,
    sync: true,
    colorize: process.stderr.isTTY,
    translateTime: "SYS:HH:MM:ss",
    singleLine: true,
  });
  return pino(settings, stream);
}

/** Says nothing. For tests and for library use. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
