import { countUpTo, positiveNumber } from "@skyscan/runtime";
import type { Setting } from "@skyscan/runtime";

export const natsSettingTable = {
  pingSec: {
    env: "SKYSCAN_NATS_PING_SEC",
    kind: positiveNumber,
    default: 10,
    doc: "NATS: a ping is sent so often, seconds; a connection on which two were not answered is given up.",
  } as Setting<number>,
  ackWaitSec: {
    env: "SKYSCAN_NATS_ACK_WAIT_SEC",
    kind: positiveNumber,
    default: 15,
    doc: "NATS, server: what a client holds that gave no sign for so long goes to another one, seconds. Clients give one three times as often.",
  } as Setting<number>,
  replicas: {
    env: "SKYSCAN_NATS_REPLICAS",
    kind: countUpTo(5),
    default: 1,
    doc: "NATS, server: on how many nodes of a cluster the durable queues are kept.",
  } as Setting<number>,
} as const;
