import { readFile } from "node:fs/promises";
import { openBroker } from "@skyscan/broker";
import type { ConnectionSettings, Delivery } from "@skyscan/broker";
import { decodeControl, decodeWork, encode, protocolVersion, scanQueues } from "@skyscan/protocol";
import type { ControlMessage, Outcome, ReplyMessage, StartupFile, WorkerStatus, WorkMessage, WorkUnit } from "@skyscan/protocol";
import { deferred, silentLogger } from "@skyscan/runtime";
import { replyBytes, resultFor, statusOf } from "./deliveries.ts";

/** A client whose every move is the test's. */
export interface HandClient {
  /** Work that was handed out and not answered yet, oldest first. */
  readonly held: readonly Work[];
  /** All that was ever handed out. */
  readonly seen: readonly WorkUnit[];
  readonly messages: readonly WorkMessage[];
  readonly control: readonly ControlMessage[];
  /** The next work, when it is there. */
  next(): Promise<Work>;
  /** The work of this unit, when it is there. */
  work(unit: string): Promise<Work>;
  until(test: () => boolean): Promise<void>;
  /** Resolves when the server has journalled it. Acks nothing. */
  reply(outcomes: readonly Outcome[], more?: Partial<ReplyMessage>): Promise<void>;
  /** Any bytes on the reply queue. */
  publish(body: Uint8Array): Promise<void>;
  /** Said at the start too, as hello, after a reconnect, and at END, as goodbye. */
  readonly beat: (more?: Partial<WorkerStatus>) => void;
  /** Replies a result with this llh to everything, until the connection closes; what `except` names is left to the test. */
  answerAll(llhOf?: (unit: WorkUnit) => number | null, except?: (work: Work) => boolean): void;
  close(): Promise<void>;
}

export interface Work extends WorkUnit {
  readonly delivery: Delivery;
  /** Replies this, and acks the delivery when the server has it. */
  answer(outcome: Outcome, more?: Partial<ReplyMessage>): Promise<void>;
}

const limits = { lostSec: 30, goneSec: 5 };

/** How a test reaches that RabbitMQ. */
export const rabbitmqAt = (address: string): ConnectionSettings => ({ client: "rabbitmq", address, ...limits });

async function embeddedOf({ broker }: StartupFile): Promise<ConnectionSettings> {
  const auth = (await readFile(broker.tokenFile!, "utf8")).trim();
  return { client: "embedded", address: broker.address, auth, ...limits };
}

/** `first` is what its hello says beside the usual; `configured` the broker, when it is not the embedded one. */
export async function openHandClient(
  startup: StartupFile,
  worker: string,
  first: Partial<WorkerStatus>,
  configured?: ConnectionSettings,
): Promise<HandClient> {
  const { scan_id: scan } = startup;
  const settings = configured ?? (await embeddedOf(startup));
  const broker = await openBroker(() => Promise.resolve(settings), { logger: silentLogger, purpose: "client" });
  const queues = scanQueues(scan);
  const host = worker.replace(/-\d+$/, "");
  const messages: WorkMessage[] = [];
  const seen: WorkUnit[] = [];
  const control: ControlMessage[] = [];
  let held: Work[] = [];
  let automatic: ((work: Work) => boolean) | undefined;
  const watchers = new Set<() => void>();
  const changed = (): void => {
    for (const look of [...watchers]) look();
  };
  const found = <T>(look: () => T | undefined): Promise<T> => {
    const wanted = deferred<T>();
    const watcher = (): void => {
      const value = look();
      if (value === undefined) return;
      watchers.delete(watcher);
      wanted.resolve(value);
    };
    watchers.add(watcher);
    watcher();
    return wanted.promise;
  };

  const replies = await broker.publisher(queues.replies);
  const statuses = await broker.publisher(queues.workers);
  const listener = await broker.listener(queues.control);
  const consumer = await broker.consumer(queues.work, { prefetch: 2000 });

  function beat(more: Partial<WorkerStatus> = {}): void {
    const { name, version, manifestSha256 } = startup.reco;
    const versions = { protocol: protocolVersion, package: "0.1.0", reco: { name, version, manifestSha256 } };
    statuses.publishUnconfirmed(encode(statusOf(worker, { scan, versions, ...more })));
  }
  const drop = (work: Work): void => {
    held = held.filter((one) => one !== work);
  };
  function workOf(unit: WorkUnit, delivery: Delivery): Work {
    const work: Work = {
      ...unit,
      delivery: {
        ...delivery,
        body: delivery.body,
        ack() {
          drop(work);
          delivery.ack();
        },
        requeue() {
          drop(work);
          delivery.requeue();
        },
      },
      async answer(outcome, more = {}) {
        drop(work);
        await replies.publish(replyBytes([outcome], { scan, worker, host, ...more }));
        delivery.ack();
      },
    };
    return work;
  }
  async function work(): Promise<void> {
    for await (const delivery of consumer) {
      const message = decodeWork(delivery.body);
      messages.push(message);
      for (const unit of message.units) {
        seen.push(unit);
        const one = workOf(unit, delivery);
        if (automatic?.(one) !== true) held.push(one);
      }
      changed();
    }
  }
  async function listen(): Promise<void> {
    for await (const body of listener) {
      const message = decodeControl(body);
      control.push(message);
      if (message.type === "end") beat({ state: "goodbye" });
      changed();
    }
  }
  broker.onState((now) => {
    if (now.kind === "up" && now.reconnected) beat();
  });
  beat({ state: "hello", ...first });
  void work().catch(() => undefined);
  void listen().catch(() => undefined);

  return {
    get held() {
      return held;
    },
    seen,
    messages,
    control,
    next: () => found(() => held[0]),
    work: (unit) => found(() => held.find((one) => one.unit === unit)),
    until: (test) => found(() => (test() ? true : undefined)).then(() => undefined),
    reply: (outcomes, more = {}) => replies.publish(replyBytes(outcomes, { scan, worker, host, ...more })),
    publish: (body) => replies.publish(body),
    beat,
    answerAll(llhOf = (unit) => unit.payload.pixel, except = () => false) {
      automatic = (one) => {
        if (except(one)) return false;
        one.answer(resultFor(one.unit, llhOf(one), one.attempt)).catch(() => undefined);
        return true;
      };
      for (const one of [...held]) automatic(one);
    },
    close: () => broker.close(),
  };
}
