import type { QueueSpec } from "../../broker.ts";
import { BrokerError } from "../../errors.ts";
import { pause } from "@skyscan/runtime";
import { isGone, requestFailure, statusOf } from "./failures.ts";
import { controlSubscription, declaredProperty, queueSubscription } from "./names.ts";
import type { PulsarSession } from "./session.ts";

/** What stands in a queue's subscription, for whoever uses it; every declaration must carry the same. */
export interface QueueNote {
  readonly durability: QueueSpec["durability"];
  readonly deliveryLimit?: number;
  readonly deadLetterTo?: string;
  readonly timeToLiveSec?: number;
  readonly maxLength?: number;
  readonly soleConsumer?: boolean;
}

export interface ControlNote {
  /** Grows with each declaration by an owner; what was said before is not for those who come now. */
  readonly epoch: number;
}

interface ConsumerStats {
  /** Messages that the broker would send to it. */
  readonly availablePermits?: number;
  /** Messages that are out at it. */
  readonly unackedMessages?: number;
}

interface SubscriptionStats {
  readonly consumers?: readonly (ConsumerStats & { readonly consumerName?: string })[];
  readonly msgBacklog?: number;
  readonly unackedMessages?: number;
  readonly subscriptionProperties?: Readonly<Record<string, string>>;
}

interface TopicStats {
  readonly subscriptions?: Readonly<Record<string, SubscriptionStats>>;
}

export interface Declared<Note> {
  readonly note: Note;
  /** Handed out or not. */
  readonly messages: number;
  readonly out: number;
}

/** What its topic's users are is asked of nobody: with many of them the answer would be large. */
const brief = "/stats?getPreciseBacklog=true&excludePublishers=true&excludeConsumers=true";
/** Whoever still uses a topic that is removed makes it anew: it is looked at again so often, after so long. */
const removeRounds = 3;
const removeAgainMs = 300;

const noteOf = ({ name: _, ...note }: QueueSpec): QueueNote => note;
const at = (subscription: string): string => `/subscription/${subscription}`;

async function named<T>(what: string, right: string, request: Promise<T>): Promise<T> {
  return request.catch((error: unknown) => {
    throw requestFailure(error, what, right);
  });
}

/**
 * What was declared. A topic without that is none: those who used one that was removed made it.
 * @throws BrokerError `queue-gone`, `refused-right`.
 */
async function declaredAt<Note>(
  { admin }: PulsarSession,
  name: string,
  subscription: string,
  what: string,
): Promise<Declared<Note>> {
  const stats = (await named(what, "consume or produce", admin.topic("GET", name, brief))) as TopicStats;
  const { subscriptionProperties, msgBacklog = 0, unackedMessages = 0 } = stats.subscriptions?.[subscription] ?? {};
  const note = subscriptionProperties?.[declaredProperty];
  if (note === undefined) throw new BrokerError("queue-gone", `${what} does not exist (any more) at Pulsar.`);
  return { note: JSON.parse(note) as Note, messages: msgBacklog, out: unackedMessages };
}

export const declaredQueue = (session: PulsarSession, name: string): Promise<Declared<QueueNote>> =>
  declaredAt(session, name, queueSubscription, `the queue ${name}`);
export const declaredControl = (session: PulsarSession, name: string): Promise<Declared<ControlNote>> =>
  declaredAt(session, name, controlSubscription, `the control channel ${name}`);

const earliest = { ledgerId: -1, entryId: -1 };

/** Makes the topic, by making its subscription. False: there is one of this name, as it is. */
async function subscribe(
  session: PulsarSession,
  name: string,
  subscription: string,
  note: unknown,
  what: string,
): Promise<boolean> {
  const { admin } = session;
  const body = { ...earliest, properties: { [declaredProperty]: JSON.stringify(note) } };
  const make = (): Promise<unknown> => admin.topic("PUT", name, at(subscription), body);
  try {
    await make().catch(async (error: unknown) => {
      if (statusOf(error) !== 404) throw error;
      // Where topics do not come by themselves.
      await named(what, "create topics", admin.topic("PUT", name, ""));
      await make();
    });
    return true;
  } catch (error) {
    if (statusOf(error) === 409) return false;
    throw requestFailure(error, what, "consume");
  }
}

async function declareQueue(session: PulsarSession, spec: QueueSpec): Promise<void> {
  const [what, note] = [`the queue ${spec.name}`, noteOf(spec)];
  if (await subscribe(session, spec.name, queueSubscription, note, what)) return;
  try {
    const there = await declaredQueue(session, spec.name);
    if (JSON.stringify(sorted(there.note)) === JSON.stringify(sorted(note))) return;
  } catch (error) {
    if (!isGone(error)) throw error;
    await removeTopic(session, spec.name);
    if (await subscribe(session, spec.name, queueSubscription, note, what)) return;
  }
  throw new BrokerError(
    "mismatch",
    `${what} exists at Pulsar with other arguments. Remove it first (skyscan scan-clean, or pulsar-admin topics delete).`,
  );
}

const sorted = (note: QueueNote): [string, unknown][] => Object.entries(note).sort(([a], [b]) => (a < b ? -1 : 1));

async function declareControl(session: PulsarSession, control: string): Promise<void> {
  const what = `the control channel ${control}`;
  if (await subscribe(session, control, controlSubscription, { epoch: 1 } satisfies ControlNote, what)) return;
  await declaredControl(session, control).catch(async (error: unknown) => {
    if (!isGone(error)) throw error;
    await removeTopic(session, control);
    await subscribe(session, control, controlSubscription, { epoch: 1 } satisfies ControlNote, what);
  });
}

/** Makes queues and control channel; what is there with the same arguments stays as it is. */
export async function declareAll(session: PulsarSession, specs: readonly QueueSpec[], control: string): Promise<void> {
  await Promise.all([declareControl(session, control), ...specs.map((spec) => declareQueue(session, spec))]);
}

/** Who comes late hears nothing of what was said before. */
export async function silence(session: PulsarSession, control: string): Promise<void> {
  const { note } = await declaredControl(session, control);
  const next: ControlNote = { epoch: note.epoch + 1 };
  const properties = { [declaredProperty]: JSON.stringify(next) };
  const what = `the control channel ${control}`;
  await named(what, "consume", session.admin.topic("PUT", control, `${at(controlSubscription)}/properties`, properties));
  await named(what, "consume", session.admin.topic("POST", control, `${at(controlSubscription)}/skip_all`));
}

/** False when it was not there. Without the right to delete topics its subscriptions go: what is left is empty, and Pulsar removes it itself. */
async function removeTopic({ admin }: PulsarSession, name: string): Promise<boolean> {
  const what = `the topic ${name}`;
  try {
    await admin.topic("DELETE", name, "?force=true");
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    if (statusOf(error) !== 401 && statusOf(error) !== 403) throw requestFailure(error, what, "delete topics");
  }
  let removed = false;
  for (const subscription of [queueSubscription, controlSubscription]) {
    try {
      await admin.topic("DELETE", name, `${at(subscription)}?force=true`);
      removed = true;
    } catch (error) {
      if (statusOf(error) !== 404) throw requestFailure(error, what, "consume");
    }
  }
  return removed;
}

export async function removeAll(session: PulsarSession, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => session.endAll(name)));
  let left = names;
  for (let round = 0; round < removeRounds && left.length > 0; round += 1) {
    if (round > 0) await pause(removeAgainMs);
    const removed = await Promise.all(left.map((name) => removeTopic(session, name)));
    left = left.filter((_, index) => removed[index]);
  }
}

/** What somebody who used a removed topic made anew is left without a subscription, so that Pulsar removes it. */
export async function forsake({ admin }: PulsarSession, name: string): Promise<void> {
  await admin.topic("DELETE", name, at(queueSubscription)).catch(() => undefined);
}

/** For who stops using a topic that may have been removed meanwhile: its owner may no longer be there to sweep up. */
export async function forsakeRemade(session: PulsarSession, name: string): Promise<void> {
  await declaredQueue(session, name).catch((error: unknown) => (isGone(error) ? forsake(session, name) : undefined));
}

export async function queueExists(session: PulsarSession, name: string): Promise<boolean> {
  try {
    await declaredQueue(session, name);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** Names of those that are missing. */
export async function missingQueues(session: PulsarSession, specs: readonly QueueSpec[]): Promise<string[]> {
  const there = await Promise.all(specs.map(({ name }) => queueExists(session, name)));
  return specs.filter((_, index) => there[index] === false).map(({ name }) => name);
}

export async function queueDepth(session: PulsarSession, name: string): Promise<number> {
  const { messages, out } = await declaredQueue(session, name);
  return Math.max(0, messages - out);
}

/** What the broker knows of this consumer. Undefined: nothing. The answer lists all consumers, so it is large when there are many. */
export async function consumerAt({ admin }: PulsarSession, name: string, consumer: string): Promise<ConsumerStats | undefined> {
  const stats = (await admin.topic("GET", name, "/stats?excludePublishers=true")) as TopicStats;
  const { consumers = [] } = stats.subscriptions?.[queueSubscription] ?? {};
  return consumers.find(({ consumerName }) => consumerName === consumer);
}

/** A transient queue does not pile up: who owns it drops the oldest, and those that are too old. */
export async function trimQueue(session: PulsarSession, { name, maxLength, timeToLiveSec }: QueueSpec): Promise<void> {
  const { messages, out } = await declaredQueue(session, name);
  const waiting = messages - out;
  if (maxLength !== undefined && waiting > maxLength)
    await session.admin.topic("POST", name, `${at(queueSubscription)}/skip/${messages - maxLength}`);
  else if (timeToLiveSec !== undefined && waiting > 0)
    await session.admin.topic("POST", name, `${at(queueSubscription)}/expireMessages/${Math.ceil(timeToLiveSec)}`);
}
