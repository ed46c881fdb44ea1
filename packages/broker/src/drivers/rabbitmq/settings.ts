import { countFromOne, positiveNumber } from "@skyscan/runtime";
import type { Setting } from "@skyscan/runtime";

export const rabbitmqSettingTable = {
  heartbeatSec: {
    env: "RABBITMQ_HEARTBEAT",
    kind: countFromOne,
    default: 60,
    doc: "AMQP heartbeat, seconds.",
  } as Setting<number>,
  consumerTimeoutSec: {
    env: "SKYSCAN_RABBITMQ_CONSUMER_TIMEOUT_SEC",
    kind: positiveNumber,
    default: 1800,
    doc: "The RabbitMQ server's consumer_timeout, seconds: a fit that takes longer than half of it is handed over to the server's care.",
  } as Setting<number>,
} as const;
