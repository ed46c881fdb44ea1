import {
  AuthorizationError,
  NoRespondersError,
  PermissionViolationError,
  UserAuthenticationExpiredError,
} from "@nats-io/transport-node";
import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";
import { codeOf, messageOf } from "@skyscan/runtime";
import { BrokerError } from "../../errors.ts";
import type { NatsOptions } from "./options.ts";

/** The first of this kind among an error and its causes. */
function causeOf<E extends Error>(error: unknown, kind: abstract new (...args: never[]) => E): E | undefined {
  for (let one: unknown = error; one instanceof Error; one = one.cause) if (one instanceof kind) return one;
  return undefined;
}

/** JetStream's `err_code` of an answer, or undefined when it is not from there. */
export const apiCode = (error: unknown): number | undefined => causeOf(error, JetStreamApiError)?.code;

/** Nobody listens on the subject: what should answer is not there. */
export const isNobody = (error: unknown): boolean => causeOf(error, NoRespondersError) !== undefined;

/** Codes of JetStream's answers that the library does not name. */
const nameInUse = 10058;
const replicasWithoutCluster = 10074;
export const wrongLastSequence = 10071;

/** Whether a connection over TLS ended without a word about why. */
export const isBareEnd = (error: unknown): boolean => /^(ECONNRESET|EPIPE)$/.test(codeOf(error) ?? "");

/** Why a connection could not be made, in the house's words; `unshown`: no certificate was shown to a server that wants one. */
export function connectFailure(error: unknown, { where, as }: NatsOptions, unshown = false): BrokerError {
  if (error instanceof BrokerError) return error;
  const text = messageOf(error);
  if (causeOf(error, AuthorizationError) !== undefined || causeOf(error, UserAuthenticationExpiredError) !== undefined) {
    const message = `NATS at ${where} does not accept the credentials: it lets nobody in ${as}. Check SKYSCAN_BROKER_AUTH and the user in SKYSCAN_BROKER_ADDRESS.`;
    return new BrokerError("refused-credentials", message, { cause: error });
  }
  if (unshown || /CERTIFICATE_REQUIRED|BAD_CERTIFICATE/.test(codeOf(error) ?? "")) {
    const message = `NATS at ${where} asks for a certificate that it trusts: name it with SKYSCAN_BROKER_CERT_FILE and SKYSCAN_BROKER_KEY_FILE.`;
    return new BrokerError("refused-credentials", message, { cause: error });
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/.test(codeOf(error) ?? "")) {
    const message = `The certificate of NATS at ${where} is not trusted: ${text}. Say tls:// in the address, name the authority that signed it with SKYSCAN_BROKER_CA_FILE, and use the host name that it was made for.`;
    return new BrokerError("bad-address", message, { cause: error });
  }
  const hint = /tls|unexpected response|ECONNRESET/i.test(text)
    ? " (is it TLS at one end only? tls:// is with, nats:// without)"
    : "";
  return new BrokerError("unreachable", `No NATS answers at ${where}: ${text}${hint}.`, { cause: error, retryable: true });
}

export const refusedRight = (subject: string, operation: string): BrokerError =>
  new BrokerError(
    "refused-right",
    `NATS refuses the right to ${operation === "subscription" ? "subscribe to" : "publish to"} ${subject}. docs/brokers.md lists the rights that are needed.`,
  );

/** What NATS said about a request about `what`, in the house's words; anything that is not for good comes back as it is. */
export function requestFailure(error: unknown, what: string): unknown {
  if (error instanceof BrokerError) return error;
  const violation = causeOf(error, PermissionViolationError);
  if (violation !== undefined) return refusedRight(violation.subject, violation.operation);
  switch (apiCode(error)) {
    case JetStreamApiCodes.StreamNotFound:
    case JetStreamApiCodes.ConsumerNotFound:
      return new BrokerError("queue-gone", `${what} does not exist (any more) at NATS.`, { cause: error });
    case nameInUse:
      return new BrokerError(
        "mismatch",
        `${what} exists at NATS with other arguments. Remove it first (skyscan scan-clean, or nats stream rm).`,
        { cause: error },
      );
    case replicasWithoutCluster:
      return new BrokerError(
        "unsupported",
        `${what} cannot be kept on several nodes, since this NATS is no cluster: SKYSCAN_NATS_REPLICAS must be 1.`,
        { cause: error },
      );
    default:
      return error;
  }
}
