import { countFromOne, numberUpTo, optional, positiveNumber, text, yesOrNo } from "@skyscan/runtime";
import type { Setting } from "@skyscan/runtime";
import { gcdSettingTable } from "@skyscan/recos/settings";

/** The environment of the server, beside the broker's. */
export const serverSettingTable = {
  progressIntervalSec: {
    env: "SKYSCAN_PROGRESS_INTERVAL_SEC",
    kind: positiveNumber,
    default: 60,
    doc: "How often progress is logged and the manifest is written, seconds; also while nothing arrives.",
  } as Setting<number>,
  resultIntervalSec: {
    env: "SKYSCAN_RESULT_INTERVAL_SEC",
    kind: positiveNumber,
    default: 120,
    doc: "How often the partial result is written, seconds.",
  } as Setting<number>,
  resultExtras: {
    env: "SKYSCAN_RESULT_EXTRAS",
    kind: yesOrNo,
    default: true,
    doc: "Whether maps (FITS), contours and pictures are made at the end of a scan; skyscan result export makes them at any time.",
  } as Setting<boolean>,
  repliesTimeoutSec: {
    env: "SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS",
    kind: positiveNumber,
    default: 259_200,
    doc: "The server gives up (status 3, partial results written) when nothing came from any client for this long, seconds. Guards against the dead only.",
  } as Setting<number>,
  scanId: {
    env: "SKYSCAN_SKYDRIVER_SCAN_ID",
    kind: optional(text),
    default: undefined,
    doc: "Scan id to use instead of a drawn one; it names the queues.",
  } as Setting<string | undefined>,
  skydriverAddress: {
    env: "SKYSCAN_SKYDRIVER_ADDRESS",
    kind: optional(text),
    default: undefined,
    doc: "Not supported yet: setting it is an error, so that nobody believes results are sent there.",
  } as Setting<string | undefined>,
  miniTest: {
    env: "SKYSCAN_MINI_TEST",
    kind: yesOrNo,
    default: false,
    doc: "At most 2 position variations per pixel, for quick tests.",
  } as Setting<boolean>,
  recoPath: {
    env: "SKYSCAN_RECO_PATH",
    kind: optional(text),
    default: undefined,
    doc: "Colon-separated directories of recos, searched before the built-in ones; set it for the server and for every client.",
  } as Setting<string | undefined>,
  gcdSources: gcdSettingTable.gcdSources as Setting<string>,
  gcdUrl: gcdSettingTable.gcdUrl as Setting<string>,
  dataHub: gcdSettingTable.dataHub as Setting<string | undefined>,
  windowMin: {
    env: "SKYSCAN_WINDOW_MIN",
    kind: countFromOne,
    default: 300,
    doc: "The least number of units that may be out at the same time; with many slots, or very short fits, it grows.",
  } as Setting<number>,
  batchSec: {
    env: "SKYSCAN_BATCH_SEC",
    kind: numberUpTo(5),
    default: 0.5,
    doc: "Units whose fits are short travel together: as many in one message as keep a slot busy for about so long, seconds. 0: one unit per message.",
  } as Setting<number>,
  speculation: {
    env: "SKYSCAN_SPECULATION",
    kind: yesOrNo,
    default: true,
    doc: "When nothing is left to send and slots are idle, units that are far behind their peers are sent a second time to another host; the first outcome counts. At most 5 % extra work.",
  } as Setting<boolean>,
} as const;
