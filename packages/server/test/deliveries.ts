import { readingWith } from "@skyscan/broker";
import type { Broadcaster, Consumer, Delivery } from "@skyscan/broker";
import { decodeControl, encode, protocolVersion } from "@skyscan/protocol";
import type { ControlMessage, Outcome, ReplyMessage, WorkerStatus } from "@skyscan/protocol";

export interface TestDelivery extends Delivery {
  acked: boolean;
}

export function deliveryOf(body: Uint8Array): TestDelivery {
  const delivery: TestDelivery = {
    body,
    acked: false,
    ack() {
      delivery.acked = true;
    },
    requeue() {
      throw new Error("the server requeues nothing");
    },
  };
  return delivery;
}

/** A consumer that hands out these deliveries and ends. */
export const consumerOf = (...deliveries: readonly Delivery[]): Consumer => ({
  stop: () => Promise.resolve(),
  close: () => Promise.resolve(),
  ...readingWith(
    (async function* () {
      for (const delivery of deliveries) yield await Promise.resolve(delivery);
    })(),
  ),
});

/** A broadcaster that keeps what it sent. */
export function recordingBroadcaster(): Broadcaster & { readonly sent: readonly ControlMessage[] } {
  const sent: ControlMessage[] = [];
  return {
    sent,
    broadcast: (body) => Promise.resolve(void sent.push(decodeControl(body))),
    close: () => Promise.resolve(),
  };
}

export const scan = "run00000001.evt000000000007.neutrino-dummy-1-0a1b2c3d";
const values = { llh: 1, eInGeV: null, eTotGeV: 2, xM: 3, yM: 4, zM: 5, timeNs: 6 };

export const resultFor = (unit: string, llh: number | null = 1, attempt = 1): Outcome => ({
  kind: "result",
  unit,
  attempt,
  runtimeSec: 0.5,
  result: { ...values, llh },
});

export const failureFor = (unit: string, attempt = 1, more: Partial<Outcome & { kind: "failure" }> = {}): Outcome => ({
  kind: "failure",
  unit,
  attempt,
  runtimeSec: 0.5,
  code: "crashed",
  message: "exit status 1",
  retry: true,
  stderrTail: "the end of stderr",
  ...more,
});

export const declinedFor = (unit: string, attempt = 1): Outcome => ({ kind: "declined", unit, attempt, runtimeSec: 0 });
export const holdingFor = (unit: string, attempt = 1): Outcome => ({ kind: "holding", unit, attempt, runtimeSec: 1 });

export const replyBytes = (outcomes: readonly Outcome[], more: Partial<ReplyMessage> = {}): Uint8Array =>
  encode({ v: protocolVersion, scan, run: 1, worker: "host-a-1", host: "host-a", ...more, outcomes: [...outcomes] });

export const recoIdentity = { name: "dummy", version: "1.0.0", manifestSha256: "ab".repeat(32) };

export const statusOf = (worker: string, more: Partial<WorkerStatus> = {}): WorkerStatus => ({
  v: protocolVersion,
  type: "worker-status",
  scan,
  worker,
  host: worker.replace(/-\d+$/, ""),
  slots: 1,
  lookahead: 1,
  done: 0,
  failed: 0,
  holding: [],
  versions: { protocol: protocolVersion, package: "0.1.0", reco: recoIdentity },
  state: "working",
  ...more,
});
