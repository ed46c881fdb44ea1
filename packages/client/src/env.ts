import { gcdSettingTable } from "@skyscan/recos/settings";
import { countUpTo, numberFromZero, optional, positiveNumber, text } from "@skyscan/runtime";
import type { Setting, SettingValues } from "@skyscan/runtime";

/** The client's own environment; the broker's is `brokerSettingTable`. Docs are generated from both. */
export const clientSettingTable = {
  idleSec: {
    env: "SKYSCAN_MQ_TIMEOUT_TO_CLIENTS",
    kind: positiveNumber,
    default: 1800,
    doc: "A client that has had nothing to do for so long ends with status 3, seconds. Guards against the dead only: a scan ends because the server says so.",
  } as Setting<number>,
  firstMessageSec: {
    env: "SKYSCAN_MQ_CLIENT_TIMEOUT_WAIT_FOR_FIRST_MESSAGE",
    kind: positiveNumber,
    default: 3600,
    doc: "How long a client waits for its first work unit before it ends with status 3, seconds.",
  } as Setting<number>,
  taskTimeoutSec: {
    env: "EWMS_PILOT_TASK_TIMEOUT",
    kind: optional(positiveNumber),
    default: undefined,
    doc: "Time limit of one fit, seconds; replaces the reco manifest's timeoutSec.",
  } as Setting<number | undefined>,
  quarantineSec: {
    env: "EWMS_PILOT_QUARANTINE_TIME",
    kind: numberFromZero,
    default: 0,
    doc: "How long a client sleeps before it ends with status 7 (told to leave, or its recos cannot start here), seconds: keeps a bad host from drawing one job after another.",
  } as Setting<number>,
  host: {
    env: "SKYSCAN_HOST",
    kind: optional(text),
    default: undefined,
    doc: "Name of this host, where many containers share one machine. Unset: the host name.",
  } as Setting<string | undefined>,
  replyOutcomes: {
    env: "SKYSCAN_REPLY_OUTCOMES",
    kind: countUpTo(1000),
    default: 1000,
    doc: "Outcomes of fits that end within milliseconds travel together, at most so many in one message. 1: each in its own.",
  } as Setting<number>,
  recoPath: {
    env: "SKYSCAN_RECO_PATH",
    kind: optional(text),
    default: undefined,
    doc: "Colon-separated reco directories, or directories of reco directories.",
  } as Setting<string | undefined>,
  gcdSources: gcdSettingTable.gcdSources as Setting<string>,
  gcdUrl: gcdSettingTable.gcdUrl as Setting<string>,
  dataHub: gcdSettingTable.dataHub as Setting<string | undefined>,
} as const;

export type ClientSettings = SettingValues<typeof clientSettingTable>;
