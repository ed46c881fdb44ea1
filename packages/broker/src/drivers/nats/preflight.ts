import { randomUUID } from "node:crypto";
import { JetStreamError } from "@nats-io/jetstream";
import { maxMessageBytes, messageOf } from "@skyscan/runtime";
import { BrokerError } from "../../errors.ts";
import { isNobody, requestFailure } from "./failures.ts";
import { queueSubject } from "./names.ts";
import type { NatsOptions } from "./options.ts";
import { requestMs } from "./session.ts";
import type { NatsSession } from "./session.ts";

/** First version whose streams give out their last message to whoever may ask for that alone. */
const oldest = { major: 2, minor: 9 };
/** What travels beside a message's body. */
const headerBytes = 16 * 1024;

/**
 * Asks for what every process needs, so that what is missing is one clear sentence at the start.
 * @throws BrokerError `unsupported`, `refused-right`.
 */
export async function preflight({ connection, manager, info }: NatsSession, { where }: NatsOptions): Promise<void> {
  const unsupported = (why: string, cause?: unknown): never => {
    throw new BrokerError("unsupported", `NATS at ${where} ${why}`, { cause });
  };
  const [major = 0, minor = 0] = info.version.split(".").map(Number);
  if (major < oldest.major || (major === oldest.major && minor < oldest.minor))
    unsupported(`is ${info.version}; ${oldest.major}.${oldest.minor} or newer is needed.`);
  if (info.jetstream !== true)
    unsupported("runs without JetStream. Start it with -js, or with jetstream {} in its configuration.");
  if (info.max_payload < maxMessageBytes + headerBytes)
    unsupported(
      `takes messages of ${info.max_payload} bytes at most (max_payload); ${maxMessageBytes + headerBytes} are needed. Put max_payload: 9MB into its configuration.`,
    );
  await manager.getAccountInfo().catch((error: unknown) => {
    if (isNobody(error) || error instanceof JetStreamError || /not enabled/.test(messageOf(error)))
      unsupported("has JetStream, but not for the account of this user. Enable it there (jetstream: enabled).", error);
    throw requestFailure(error, "JetStream");
  });
  // Nobody hears these, but the server looks at the right first.
  const nowhere = randomUUID();
  for (const subject of [queueSubject(nowhere), `$JS.ACK.${nowhere}.${nowhere}`]) {
    await connection.request(subject, "", { timeout: requestMs }).catch((error: unknown) => {
      if (!isNobody(error)) throw requestFailure(error, subject);
    });
  }
}
