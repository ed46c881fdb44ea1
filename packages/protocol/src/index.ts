export { decodeControl, decodeReply, decodeWork, decodeWorkers, encode, foreignSender } from "./codec.ts";
export type { ControlMessage } from "./control.ts";
export { beatSec, maxAvoidedHosts, maxDeclines, maxHoldingUnits, maxReasonChars, maxStderrTailChars } from "./conventions.ts";
export { ProtocolError } from "./errors.ts";
export type { ProtocolErrorCode } from "./errors.ts";
export { failureCodes, recoFailureCodes } from "./failure-codes.ts";
export type { FailureCode, RecoFailureCode } from "./failure-codes.ts";
export type { FitPayload, FitResult, Seed } from "./fit.ts";
export {
  isScanId,
  replyDeliveryLimit,
  scanIdRule,
  scanQueues,
  workDeliveryLimit,
  workersMaxLength,
  workersTimeToLiveSec,
} from "./queues.ts";
export type { ScanQueues } from "./queues.ts";
export type { Outcome, ReplyMessage } from "./reply.ts";
export { moreScansName, readMoreScans, writeMoreScans } from "./more-scans.ts";
export { readStartupFile, readStartupFileOf, writeStartupFile } from "./startup-file.ts";
export type { OwnedStartupFile } from "./startup-file.ts";
export type { StartupEvent, StartupFile } from "./startup.ts";
export { formatUnitId, parseUnitId } from "./unit-id.ts";
export type { UnitId } from "./unit-id.ts";
export { packageVersion, protocolVersion } from "./version.ts";
export type { StatusRequest, WorkerStatus } from "./worker-status.ts";
export type { WorkMessage, WorkUnit } from "./work.ts";
