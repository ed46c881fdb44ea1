import { randomUUID } from "node:crypto";
import { BrokerError } from "../../errors.ts";
import { replyCode } from "./failures.ts";
import type { AmqpOptions } from "./options.ts";
import { closeChannel, withChannel } from "./session.ts";
import type { AmqpSession } from "./session.ts";

/** First version with at-least-once dead lettering of quorum queues. */
const oldest = { major: 3, minor: 10 };

function checkVersion({ version }: AmqpSession, { where }: AmqpOptions): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return;
  throw new BrokerError(
    "unsupported",
    `RabbitMQ at ${where} is ${version}; ${oldest.major}.${oldest.minor} or newer is needed (quorum queues that lose nothing when they give up on a message).`,
  );
}

/** AMQP's `type` of a message that is sent to see whether it may be; whoever gets one drops it. */
export const probeType = "skyscan-probe";

/** Publishes an empty message, on a channel of its own since a missing right closes it. Rejects with what the broker said. */
export async function tryToPublish(session: AmqpSession, exchange: string, routingKey: string): Promise<void> {
  const channel = await session.publishing.createConfirmChannel();
  let failure: unknown;
  channel.on("error", (error) => {
    failure = error;
  });
  channel.publish(exchange, routingKey, Buffer.alloc(0), { type: probeType });
  await channel.waitForConfirms().catch((error: unknown) => {
    throw failure ?? error;
  });
  await closeChannel(channel);
}

/**
 * Asks for what every process needs, so that a missing right is one clear sentence at the start and not a closed channel in the middle:
 * the version, publishing to queues, and an exclusive queue of its own for the control channel.
 * @throws BrokerError `unsupported`, `refused-right`.
 */
export async function preflight(session: AmqpSession, options: AmqpOptions): Promise<void> {
  checkVersion(session, options);
  const refused = (error: unknown, right: string): never => {
    if (replyCode(error) !== 403) throw error;
    const message = `The user ${options.user} may not ${right} on the virtual host "${options.vhost}" of RabbitMQ at ${options.where}. docs/brokers.md lists the rights that are needed.`;
    throw new BrokerError("refused-right", message, { cause: error });
  };
  await withChannel(session.consuming, (channel) => channel.assertQueue("", { exclusive: true, autoDelete: true })).catch(
    (error: unknown) => refused(error, "declare its own exclusive queues (configure amq.gen-…)"),
  );
  // To a queue that nobody has: the broker drops it, but only after it has looked at the right.
  await tryToPublish(session, "", `skyscan-preflight-${randomUUID()}`).catch((error: unknown) =>
    refused(error, "publish to queues (write amq.default)"),
  );
}
