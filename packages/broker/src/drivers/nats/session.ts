import { PermissionViolationError, connect } from "@nats-io/transport-node";
import type { NatsConnection, ServerInfo } from "@nats-io/transport-node";
import { jetstreamManager } from "@nats-io/jetstream";
import type { JetStreamManager } from "@nats-io/jetstream";
import { deferred, messageOf, within } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { BrokerError } from "../../errors.ts";
import type { Session } from "../../supervisor.ts";
import { connectFailure, isBareEnd, refusedRight } from "./failures.ts";
import { wantsCertificate } from "./greeting.ts";
import type { NatsOptions } from "./options.ts";

/** One connection to one server. It never comes back by itself. */
export interface NatsSession extends Session {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly info: ServerInfo;
  /** Calls back when the server refuses a right that no request is waiting for. */
  onRefused(listener: (error: BrokerError) => void): void;
}

export const requestMs = 5000;
const closeMs = 2000;

/** The library ends a connection only after it has written what waits, which a dead network never takes. */
function discard(connection: NatsConnection): void {
  const inner = connection as unknown as { readonly protocol?: { readonly transport?: { discard?(): void } } };
  inner.protocol?.transport?.discard?.();
}

/** @throws BrokerError `unreachable`, `refused-credentials`, `bad-address`. */
export async function openSession(options: NatsOptions, name: string, logger: Logger): Promise<NatsSession> {
  const { host, port } = options;
  const { tls } = options.connect;
  const connection = await connect({ ...options.connect, name }).catch(async (error: unknown) => {
    const shown = tls === null || tls?.cert !== undefined;
    throw connectFailure(error, options, !shown && isBareEnd(error) && (await wantsCertificate(host, port)));
  });
  const lost = deferred<Error>();
  const refused = new Set<(error: BrokerError) => void>();
  void connection.closed().then((error) => {
    lost.resolve(error instanceof Error ? error : new Error("the connection was closed"));
  });

  async function watch(): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === "staleConnection") {
        lost.resolve(new Error("the server did not answer pings"));
        await end();
      } else if (status.type === "ldm") {
        logger.info(
          { where: options.where },
          "NATS is about to stop (lame duck mode): this goes on until it closes the connection",
        );
      } else if (status.type === "error" && status.error instanceof PermissionViolationError) {
        const { subject, operation } = status.error;
        // Everything else that is published waits for an answer, and is told so itself.
        if (operation === "subscription") for (const listener of refused) listener(refusedRight(subject, operation));
      }
    }
  }
  void watch();

  async function end(): Promise<void> {
    await within(closeMs, connection.close(), undefined).catch(() => undefined);
    discard(connection);
  }

  return {
    connection,
    manager: await jetstreamManager(connection, { checkAPI: false, timeout: requestMs }),
    info: connection.info!,
    lost: lost.promise.then(
      (error) => new BrokerError("unreachable", `Lost NATS at ${options.where}: ${messageOf(error)}`, { cause: error }),
    ),
    onRefused: (listener) => void refused.add(listener),
    close: end,
  };
}
