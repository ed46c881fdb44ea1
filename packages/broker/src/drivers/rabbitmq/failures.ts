import { codeOf, messageOf } from "@skyscan/runtime";
import { BrokerError } from "../../errors.ts";
import type { AmqpOptions } from "./options.ts";

/** AMQP's reply code of an error that the broker gave for a channel or connection, or undefined when it is not from the broker. */
export const replyCode = (error: unknown): number | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : undefined;

const certificateCodes: readonly string[] = [
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
];

/** Why a connection could not be made, in the house's words. */
export function connectFailure(error: unknown, { where, vhost, user }: AmqpOptions): BrokerError {
  if (error instanceof BrokerError) return error;
  const text = messageOf(error);
  const as = user === "" ? "with this token" : `as user ${user}`;
  if (/ACCESS[-_]REFUSED|SASL/.test(text)) {
    const message = `RabbitMQ at ${where} does not accept the credentials ${as}. Check SKYSCAN_BROKER_AUTH and the user in SKYSCAN_BROKER_ADDRESS.`;
    return new BrokerError("refused-credentials", message, { cause: error });
  }
  // The library does not pass on what the broker says when it lets nobody in at this point; it is one of two things.
  if (/ConnectionOpenOk.*ConnectionClose|NOT[-_]ALLOWED/s.test(text)) {
    const message = `RabbitMQ at ${where} lets nobody in ${as}: it has no virtual host "${vhost}" (the part behind the / in SKYSCAN_BROKER_ADDRESS; rabbitmqctl add_vhost), or no right on it was given (rabbitmqctl set_permissions -p).`;
    return new BrokerError("refused-right", message, { cause: error });
  }
  if (certificateCodes.includes(codeOf(error) ?? "")) {
    const message = `The certificate of RabbitMQ at ${where} is not trusted: ${text}. Name the authority that signed it with SKYSCAN_BROKER_CA_FILE, and use the host name that it was made for.`;
    return new BrokerError("bad-address", message, { cause: error });
  }
  const hint = /closed abruptly|wrong version number|ECONNRESET/.test(text)
    ? " (is it TLS at one end only? amqps:// is with, amqp:// without)"
    : "";
  return new BrokerError("unreachable", `No RabbitMQ answers at ${where}: ${text}${hint}.`, { cause: error, retryable: true });
}

/**
 * What the broker said about an operation on `what`, in the house's words; anything that is not for good comes back as it is.
 */
export function channelFailure(error: unknown, what: string): unknown {
  const text = messageOf(error);
  switch (replyCode(error)) {
    case 403:
      return new BrokerError(
        "refused-right",
        `RabbitMQ refuses the right to use ${what}: ${text}. docs/brokers.md lists the rights that are needed.`,
        {
          cause: error,
        },
      );
    case 404:
      return new BrokerError("queue-gone", `${what} does not exist (any more) at RabbitMQ.`, { cause: error });
    case 405:
      return new BrokerError("locked", `${what} is held by another connection to RabbitMQ.`, { cause: error });
    case 406:
      return /inequivalent/.test(text)
        ? new BrokerError(
            "mismatch",
            `${what} exists at RabbitMQ with other arguments: ${text}. Remove it first (skyscan scan-clean, or rabbitmqctl delete_queue).`,
            { cause: error },
          )
        : error;
    case undefined:
    default:
      return error;
  }
}
