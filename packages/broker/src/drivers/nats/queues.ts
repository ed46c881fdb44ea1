import { AckPolicy, DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import type { ConsumerConfig, StreamConfig } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import type { QueueSpec } from "../../broker.ts";
import { BrokerError } from "../../errors.ts";
import { requestFailure } from "./failures.ts";
import { consumerName, controlSubject, queueSubject, streamOf } from "./names.ts";
import type { NatsSession } from "./session.ts";

/** What the owner's settings say of all its queues. */
export interface QueueSettings {
  readonly ackWaitSec: number;
  readonly replicas: number;
}

/** What a queue's users have to know of it: JSON in the stream's description, the only place of a stream that is free for that in 2.9. */
export interface QueueNote {
  readonly deliveryLimit?: number;
  readonly deadLetterTo?: string;
}

/** A message that is sent again is known by its id for so long, seconds. */
const duplicateWindowSec = 120;
/** How many clients may wait for work at the same time. */
const maxWaiting = 16_384;

type NamedConfig = Partial<StreamConfig> & { readonly name: string };

/** Every declaration of a queue must carry the same, so this must not change lightly. */
function streamConfig({ name, durability, ...spec }: QueueSpec, replicas: number): NamedConfig {
  const note: QueueNote = {
    ...(spec.deliveryLimit !== undefined && { deliveryLimit: spec.deliveryLimit }),
    ...(spec.deadLetterTo !== undefined && { deadLetterTo: spec.deadLetterTo }),
  };
  const windowSec = Math.min(duplicateWindowSec, spec.timeToLiveSec ?? duplicateWindowSec);
  return {
    name: streamOf(name),
    subjects: [queueSubject(name)],
    description: JSON.stringify(note),
    retention: RetentionPolicy.Workqueue,
    duplicate_window: nanos(1000 * windowSec),
    ...(durability === "durable"
      ? { storage: StorageType.File, num_replicas: replicas }
      : {
          storage: StorageType.Memory,
          discard: DiscardPolicy.Old,
          ...(spec.timeToLiveSec !== undefined && { max_age: nanos(1000 * spec.timeToLiveSec) }),
          ...(spec.maxLength !== undefined && { max_msgs: spec.maxLength }),
        }),
  };
}

/** The last message stays, for those who come late. */
const controlConfig = (control: string, replicas: number): NamedConfig => ({
  name: streamOf(control),
  subjects: [controlSubject(control)],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.Old,
  max_msgs: 1,
  allow_direct: true,
  num_replicas: replicas,
});

const consumerConfig = ({ durability }: QueueSpec, ackWaitSec: number): Partial<ConsumerConfig> => ({
  durable_name: consumerName,
  ack_policy: AckPolicy.Explicit,
  ack_wait: nanos(1000 * ackWaitSec),
  max_ack_pending: -1,
  max_waiting: maxWaiting,
  ...(durability === "transient" && { mem_storage: true }),
});

async function named<T>(what: string, request: Promise<T>): Promise<T> {
  return request.catch((error: unknown) => {
    throw requestFailure(error, what);
  });
}

/** Makes queues and control channel; what is there with the same arguments stays as it is. */
export async function declareAll(
  { manager }: NatsSession,
  specs: readonly QueueSpec[],
  control: string,
  { ackWaitSec, replicas }: QueueSettings,
): Promise<void> {
  await named(`the control channel ${control}`, manager.streams.add(controlConfig(control, replicas)));
  for (const spec of specs) {
    await named(`the queue ${spec.name}`, manager.streams.add(streamConfig(spec, replicas)));
    await named(`the queue ${spec.name}`, manager.consumers.add(streamOf(spec.name), consumerConfig(spec, ackWaitSec)));
  }
}

/** Who comes late hears nothing of what was said before. */
export async function silence({ manager }: NatsSession, control: string): Promise<void> {
  await named(`the control channel ${control}`, manager.streams.purge(streamOf(control)));
}

const isGone = (error: unknown): boolean => error instanceof BrokerError && error.code === "queue-gone";

export async function removeAll({ manager }: NatsSession, queues: readonly string[], control: string): Promise<void> {
  for (const name of [...queues, control]) {
    await named(`the queue ${name}`, manager.streams.delete(streamOf(name))).catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
  }
}

export async function queueExists({ manager }: NatsSession, name: string): Promise<boolean> {
  try {
    await named(`the queue ${name}`, manager.streams.info(streamOf(name)));
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** Names of those that are missing. */
export async function missingQueues(session: NatsSession, specs: readonly QueueSpec[]): Promise<string[]> {
  const missing: string[] = [];
  for (const { name } of specs) if (!(await queueExists(session, name))) missing.push(name);
  return missing;
}

/** Messages that nobody was given yet. */
export async function queueDepth({ manager }: NatsSession, name: string): Promise<number> {
  return (await named(`the queue ${name}`, manager.consumers.info(streamOf(name), consumerName))).num_pending;
}
