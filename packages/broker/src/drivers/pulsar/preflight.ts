import { randomUUID } from "node:crypto";
import { BrokerError } from "../../errors.ts";
import { connectFailure, statusOf } from "./failures.ts";
import type { PulsarOptions } from "./options.ts";
import type { PulsarSession } from "./session.ts";

/** First version whose subscriptions can say what was declared, and whose statistics can leave out what is not asked for. */
const oldestMajor = 3;

/**
 * Asks for what every process needs, so that what is missing is one clear sentence at the start. Returns Pulsar's version.
 * @throws BrokerError `unreachable`, `refused-credentials`, `refused-right`, `bad-address`, `unsupported`.
 */
export async function preflight(session: PulsarSession, options: PulsarOptions): Promise<string> {
  const { where, tenant, namespace, token } = options;
  const version = await session.admin.version().catch((error: unknown) => {
    if (statusOf(error) === 401 || statusOf(error) === 403)
      throw new BrokerError(
        "refused-credentials",
        `Pulsar at ${where} does not accept the credentials: it lets nobody in ${token === undefined ? "without a token" : "with this token"}. Check SKYSCAN_BROKER_AUTH.`,
        { cause: error },
      );
    if (statusOf(error) !== undefined)
      throw new BrokerError(
        "bad-address",
        `What answers at ${options.web} is no Pulsar: its web service should be there (webServicePort, 8080 by default).`,
        { cause: error },
      );
    throw connectFailure(error, options);
  });
  const major = Number(version.split(".")[0]);
  if (major < oldestMajor)
    throw new BrokerError("unsupported", `Pulsar at ${where} is ${version}; ${oldestMajor}.0 or newer is needed.`);
  await mayUseNamespace();
  if (options.transport === "websocket") await websocketIsOn();
  return version;

  async function mayUseNamespace(): Promise<void> {
    try {
      await session.admin.topic("GET", `skyscan-nothing-${randomUUID()}`, "/stats");
    } catch (error) {
      const status = statusOf(error);
      if (status === 404 && /namespace|tenant/i.test(String(error)))
        throw new BrokerError(
          "bad-address",
          `Pulsar at ${where} has no namespace ${tenant}/${namespace}: make it (pulsar-admin namespaces create ${tenant}/${namespace}), or name another one in SKYSCAN_BROKER_ADDRESS.`,
          { cause: error },
        );
      if (status === 401 || status === 403)
        throw new BrokerError(
          "refused-right",
          `Pulsar at ${where} refuses the right to produce or consume in the namespace ${tenant}/${namespace}, or there is none of this name. docs/brokers.md lists the rights that are needed.`,
          { cause: error },
        );
      if (status === undefined) throw connectFailure(error, options);
    }
  }

  async function websocketIsOn(): Promise<void> {
    try {
      await session.transport.knock();
    } catch (error) {
      if (statusOf(error) === 404)
        throw new BrokerError(
          "unsupported",
          `The WebSocket service of Pulsar at ${where} is off: put webSocketServiceEnabled=true into its broker.conf, or use its binary protocol (pulsar://HOST:6650, with the package pulsar-client installed).`,
          { cause: error },
        );
      if (statusOf(error) === undefined) throw connectFailure(error, options);
    }
  }
}
