import { createHash, timingSafeEqual } from "node:crypto";
import { hostname } from "node:os";
import { Metadata, Server, ServerCredentials, logVerbosity, setLogVerbosity, status } from "@grpc/grpc-js";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { messageOf, within } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { hostAndPort } from "../../address.ts";
import type { Broker } from "../../broker.ts";
import { BrokerError } from "../../errors.ts";
import type { ClientFrame, HostFrame } from "../../gen/skyscan/broker/v1/broker.ts";
import { createLocalBroker } from "./local-broker.ts";
import { createQueueHost } from "./queue-host.ts";
import { serveClient } from "./serve-client.ts";
import type { ServedClient } from "./serve-client.ts";
import { brokerService, protocolVersion, transportOptions, versionKey } from "./service.ts";

export interface EmbeddedHostOptions {
  /** Port 0: a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** What clients must show. */
  readonly token: string;
  /** PEM texts. Without them the traffic, token included, is readable on the way. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly logger: Logger;
}

/** The broker inside this process. Its queues live and die with the process; a new one on the same port with the same token is a broker that came back empty. */
export interface EmbeddedHost {
  /** What clients connect to: `127.0.0.1:41234`, with TLS `grpcs://…`; for a wildcard listen host, this machine's name. */
  readonly address: string;
  readonly port: number;
  /** How many clients are connected now. */
  readonly connections: number;
  /** This process's own handle on the queues: no network. Every call gives another one. */
  broker(): Broker;
  /** What was broadcast or confirmed is still sent, then every client is disconnected. */
  close(): Promise<void>;
}

const wildcards: readonly string[] = ["0.0.0.0", "::", ""];
const bearer = "Bearer ";
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** @throws BrokerError `bad-address` when it cannot listen there. */
export async function createEmbeddedHost(options: EmbeddedHostOptions): Promise<EmbeddedHost> {
  const { listen, tls, logger } = options;
  // What goes wrong is in the errors; the library would also write it to stderr.
  setLogVerbosity(logVerbosity.NONE);
  const host = createQueueHost();
  const clients = new Set<ServedClient>();
  const expected = digest(options.token);

  function admit(call: ServerDuplexStream<ClientFrame, HostFrame>): { code: status; details: string } | undefined {
    const [shown = ""] = call.metadata.get("authorization").map(String);
    const token = shown.startsWith(bearer) ? shown.slice(bearer.length) : "";
    if (!timingSafeEqual(digest(token), expected)) return { code: status.UNAUTHENTICATED, details: "the token is not accepted" };
    const [version = "none"] = call.metadata.get(versionKey).map(String);
    if (version === protocolVersion) return undefined;
    return { code: status.FAILED_PRECONDITION, details: `the client speaks protocol ${version}, the host ${protocolVersion}` };
  }

  function connect(call: ServerDuplexStream<ClientFrame, HostFrame>): void {
    const peer = call.getPeer();
    const refusal = admit(call);
    if (refusal !== undefined) {
      logger.warn({ peer, reason: refusal.details }, "A client was refused");
      // An error handler, since a refused client may send on.
      call.on("error", () => undefined);
      call.emit("error", refusal);
      return;
    }
    call.sendMetadata(new Metadata());
    logger.debug({ peer }, "A client connected");
    const client = serveClient(call, host, logger, () => {
      clients.delete(client);
      logger.debug({ peer }, "A client left");
    });
    clients.add(client);
  }

  const server = new Server(transportOptions);
  server.addService(brokerService, { connect });
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }]);
  const wanted = hostAndPort(listen.host === "" ? "0.0.0.0" : listen.host, listen.port);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(wanted, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else
        reject(
          new BrokerError(
            "bad-address",
            `Cannot listen on ${wanted} (--listen): ${messageOf(error)}. Choose a free port of this machine.`,
            { cause: error },
          ),
        );
    });
  });

  const reachable = hostAndPort(wildcards.includes(listen.host) ? hostname() : listen.host, port);
  const address = tls === undefined ? reachable : `grpcs://${reachable}`;
  const locals = new Set<Broker>();
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    for (const local of locals) await local.close();
    await within(2000, Promise.all([...clients].map((client) => client.end())), undefined);
    await within(1000, new Promise<void>((resolve) => server.tryShutdown(() => resolve())), undefined);
    server.forceShutdown();
  }

  return {
    address,
    port,
    get connections() {
      return clients.size;
    },
    broker() {
      const local = createLocalBroker(host, () => `embedded at ${address}`);
      locals.add(local);
      return local;
    },
    close: () => (closing ??= close()),
  };
}
