import type { Channel, Options } from "amqplib";
import { within } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import type { QueueSpec } from "../../broker.ts";
import { channelFailure, replyCode } from "./failures.ts";
import { closeChannel, withChannel } from "./session.ts";
import type { AmqpSession } from "./session.ts";

/** RabbitMQ 4 gives up after 20 returns when no limit is set, and -1 makes 3.10 drop at the first one: so no limit is a number, too. */
const practicallyUnlimited = 1_000_000;

/** What a queue's declaration carries. Every declaration of a queue must carry the same, so this must not change lightly. */
export function queueOptions(spec: QueueSpec): Options.AssertQueue {
  if (spec.durability === "transient") {
    // Durable by name only: its messages are published without persistence.
    return {
      durable: true,
      arguments: {
        "x-queue-type": "classic",
        ...(spec.timeToLiveSec !== undefined && { "x-message-ttl": Math.round(spec.timeToLiveSec * 1000) }),
        ...(spec.maxLength !== undefined && { "x-max-length": spec.maxLength }),
      },
    };
  }
  return {
    durable: true,
    arguments: {
      "x-queue-type": "quorum",
      "x-delivery-limit": spec.deliveryLimit ?? practicallyUnlimited,
      ...(spec.deadLetterTo !== undefined && {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": spec.deadLetterTo,
        // Needs reject-publish, which never comes into play without a length limit.
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
      }),
    },
  };
}

/** Those that are quorum queues. */
export const durableNames = (specs: readonly QueueSpec[]): string[] =>
  specs.filter(({ durability }) => durability === "durable").map(({ name }) => name);

export async function queueExists(session: AmqpSession, name: string): Promise<boolean> {
  try {
    // A channel of its own: asking for a missing queue closes it.
    await withChannel(session.consuming, (channel) => channel.checkQueue(name));
    return true;
  } catch (error) {
    if (replyCode(error) === 404) return false;
    // Held exclusively by another connection: it is there.
    if (replyCode(error) === 405) return true;
    throw error;
  }
}

async function named<T>(what: string, request: Promise<T>): Promise<T> {
  return request.catch((error: unknown) => {
    throw channelFailure(error, what);
  });
}

/** Makes queues and control exchange; what is there with the same arguments stays as it is. */
export async function declareAll(session: AmqpSession, specs: readonly QueueSpec[], control: string): Promise<void> {
  await withChannel(session.consuming, async (channel) => {
    await named(`the control channel ${control}`, channel.assertExchange(control, "fanout", { durable: true }));
    for (const spec of specs) await named(`the queue ${spec.name}`, channel.assertQueue(spec.name, queueOptions(spec)));
  });
}

export async function removeAll(session: AmqpSession, queues: readonly string[], control: string): Promise<void> {
  const remove = async (what: string, request: (channel: Channel) => Promise<unknown>): Promise<void> => {
    try {
      await withChannel(session.consuming, request);
    } catch (error) {
      if (replyCode(error) !== 404) throw channelFailure(error, what);
    }
  };
  for (const name of queues) await remove(`the queue ${name}`, (channel) => channel.deleteQueue(name));
  await remove(`the control channel ${control}`, (channel) => channel.deleteExchange(control));
}

/** An election takes less than a second, and what a queue is asked meanwhile is answered after it. */
const leaderMs = 3000;
const unanswered = Symbol();

/**
 * Removes the quorum queues that nobody leads, and ends the session when there are any: it has a channel that waits for them.
 * A broker keeps the names of their logs in a file, and writes the last one up to a second later. Killed before, it finds a queue without a log, begins
 * a new one, and waits for somebody to call an election, which nobody does (RabbitMQ 3.10 and 4.0). Nothing shows it but that the queue never answers.
 *
 * @throws Error when there were any, which are to be declared again over the next session
 */
export async function removeLeaderless(session: AmqpSession, specs: readonly QueueSpec[], logger: Logger): Promise<void> {
  const asked = durableNames(specs).map(async (name) => ((await hasLeader(session, name)) ? [] : [name]));
  const leaderless = (await Promise.all(asked)).flat();
  if (leaderless.length === 0) return;
  logger.warn({ queues: leaderless }, "Queues came back without a leader: they are made anew");
  // The broker tries to agree on it for 5 s first.
  await Promise.all(leaderless.map((name) => withChannel(session.publishing, (channel) => channel.deleteQueue(name))));
  await session.close();
  throw new Error(`These queues had no leader and were removed: ${leaderless.join(", ")}`);
}

async function hasLeader(session: AmqpSession, name: string): Promise<boolean> {
  const channel = await session.consuming.createChannel();
  channel.on("error", () => undefined);
  // Only a leader has messages to tell of. One that is drawn all the same goes back.
  if ((await channel.checkQueue(name)).messageCount === 0) {
    const drawn = await within(leaderMs, channel.get(name), unanswered);
    if (drawn === unanswered) return false;
    if (drawn !== false) channel.nack(drawn);
  }
  await closeChannel(channel);
  return true;
}

/** Names of those that are missing. */
export async function missingQueues(session: AmqpSession, specs: readonly QueueSpec[]): Promise<string[]> {
  const missing: string[] = [];
  for (const { name } of specs) if (!(await queueExists(session, name))) missing.push(name);
  return missing;
}
