import { codeOf, messageOf } from "@skyscan/runtime";
import { BrokerError } from "../../errors.ts";
import type { PulsarOptions } from "./options.ts";

/** Why Pulsar's web service could not be reached, in the house's words. */
export function connectFailure(error: unknown, { where, web }: PulsarOptions): BrokerError {
  if (error instanceof BrokerError) return error;
  const text = messageOf(error);
  const code = codeOf(error) ?? "";
  if (/CERTIFICATE_REQUIRED|BAD_CERTIFICATE/.test(code)) {
    const message = `Pulsar at ${where} asks for a certificate that it trusts: name it with SKYSCAN_BROKER_CERT_FILE and SKYSCAN_BROKER_KEY_FILE.`;
    return new BrokerError("refused-credentials", message, { cause: error });
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/.test(code)) {
    const message = `The certificate of Pulsar at ${where} is not trusted: ${text}. Name the authority that signed it with SKYSCAN_BROKER_CA_FILE, and use the host name that it was made for.`;
    return new BrokerError("bad-address", message, { cause: error });
  }
  const hint = /EPROTO|ECONNRESET|HPE_/.test(code) ? " (is it TLS at one end only? wss:// is with, ws:// without)" : "";
  return new BrokerError("unreachable", `No Pulsar answers at ${web}: ${text}${hint}.`, { cause: error, retryable: true });
}

/** An answer of the web service, REST or a WebSocket that was not opened, that is no success. */
export class HttpFailure extends Error {
  readonly status: number;
  constructor(status: number, reason: string) {
    super(`status ${status}${reason === "" ? "" : `: ${reason}`}`);
    this.status = status;
  }
}

export const statusOf = (error: unknown): number | undefined => (error instanceof HttpFailure ? error.status : undefined);

/** What Pulsar said about a request about `what`, in the house's words; anything that is not for good comes back as it is. */
export function requestFailure(error: unknown, what: string, right: string): unknown {
  switch (statusOf(error)) {
    case 401:
    case 403:
      return new BrokerError(
        "refused-right",
        `Pulsar refuses the right to ${right} (${what}). docs/brokers.md lists the rights that are needed.`,
        { cause: error },
      );
    case 404:
      return new BrokerError("queue-gone", `${what} does not exist (any more) at Pulsar.`, { cause: error });
    default:
      return error;
  }
}

export const isGone = (error: unknown): boolean => error instanceof BrokerError && error.code === "queue-gone";
