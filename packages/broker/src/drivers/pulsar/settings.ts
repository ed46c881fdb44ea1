import { optional, positiveNumber, text } from "@skyscan/runtime";
import type { Setting } from "@skyscan/runtime";

export const pulsarSettingTable = {
  holdSec: {
    env: "PULSAR_UNACKED_MESSAGES_TIMEOUT_SEC",
    kind: positiveNumber,
    default: 1800,
    doc: "Pulsar: what a client holds without acknowledging it goes to another one after so long, seconds (at least 1). A fit that takes longer than half of it is handed over to the server's care.",
  } as Setting<number>,
  pingSec: {
    env: "SKYSCAN_PULSAR_PING_SEC",
    kind: positiveNumber,
    default: 10,
    doc: "Pulsar over WebSocket: a ping is sent so often, seconds; a connection on which two were not answered is given up.",
  } as Setting<number>,
  webAddress: {
    env: "SKYSCAN_PULSAR_WEB_ADDRESS",
    kind: optional(text),
    default: undefined,
    doc: "Pulsar with a pulsar:// address: where its web service is, http(s)://HOST:PORT. Default: the same host, port 8080 (8443 with pulsar+ssl://).",
  } as Setting<string | undefined>,
} as const;
