export { makeDirectory, makeFlagDirectory } from "./directories.ts";
export { writeFileAtomically, syncDirectory } from "./atomic-file.ts";
export { createBackoff } from "./backoff.ts";
export type { Backoff, BackoffOptions } from "./backoff.ts";
export { createChannel } from "./channel.ts";
export type { Channel } from "./channel.ts";
export { hostName, processEnvironment } from "./environment.ts";
export { SkyscanError, UsageError, codeOf, messageOf } from "./errors.ts";
export { parseForeignJson } from "./foreign-json.ts";
export { fileSha256 } from "./file-sha256.ts";
export { createLogger, logLevels, silentLogger } from "./logger.ts";
export type { LogFormat, LogLevel, Logger } from "./logger.ts";
export { maxMessageBytes } from "./message-limit.ts";
export { nearestName } from "./nearest.ts";
export { createReleases } from "./releases.ts";
export type { Releases } from "./releases.ts";
export {
  countFromOne,
  countFromZero,
  countUpTo,
  fraction,
  numberFromZero,
  numberUpTo,
  oneOf,
  optional,
  positiveNumber,
  readSettings,
  settingNames,
  text,
  yesOrNo,
} from "./settings.ts";
export type { Setting, SettingTable, SettingValues, ValueKind } from "./settings.ts";
export { tryProcessLock } from "./process-lock.ts";
export type { LockAttempt, LockHolder } from "./process-lock.ts";
export { startTicksOf } from "./process-start.ts";
export { sweepTemporaryNames, temporaryName } from "./temporary-name.ts";
export { deferred, pause, within } from "./waiting.ts";
export type { Deferred } from "./waiting.ts";
