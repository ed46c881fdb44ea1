import { Client, Metadata, credentials, logVerbosity, setLogVerbosity, status } from "@grpc/grpc-js";
import type { ChannelCredentials, ClientDuplexStream, ServiceError } from "@grpc/grpc-js";
import { deferred, within } from "@skyscan/runtime";
import { BrokerError } from "../../errors.ts";
import { Open_Kind } from "../../gen/skyscan/broker/v1/broker.ts";
import type { ClientFrame, HostFrame } from "../../gen/skyscan/broker/v1/broker.ts";
import type { Session } from "../../supervisor.ts";
import type { TlsFiles } from "../../tls-files.ts";
import { createFrameWriter } from "./frame-writer.ts";
import { connectMethod, emptyClientFrame, protocolVersion, transportOptions, versionKey } from "./service.ts";

/** What the host says about one handle. */
export interface WireHandler {
  readonly opened: () => void;
  /** The queue or control channel does not exist (any more); the handle is forgotten. */
  readonly missing: () => void;
  readonly deliver?: (tag: number, deliveryCount: number, body: Uint8Array) => void;
  readonly broadcast?: (body: Uint8Array) => void;
}

/** One stream to the host, at the client. Calls on a lost one do nothing. */
export interface Wire extends Session {
  /** Returns the handle. */
  readonly open: (kind: "publisher" | "consumer" | "listener", name: string, handler: WireHandler, prefetch?: number) => number;
  readonly publish: (handle: number, body: Uint8Array, confirmed: () => void) => void;
  readonly publishUnconfirmed: (handle: number, body: Uint8Array) => void;
  readonly ack: (tag: number) => void;
  readonly requeue: (tag: number) => void;
  readonly stop: (handle: number) => void;
  readonly closeHandle: (handle: number) => void;
  readonly ask: (queue: string) => Promise<{ readonly exists: boolean; readonly depth: number }>;
  /** Resolves when all that was said was given to the network. */
  readonly written: () => Promise<void>;
}

export interface WireOptions {
  /** `HOST:PORT` */
  readonly target: string;
  readonly token: string | undefined;
  /** Absent: no TLS. */
  readonly tls?: TlsFiles;
  /** How long the first answer may take. */
  readonly connectMs: number;
}

const kinds = {
  publisher: Open_Kind.KIND_PUBLISHER,
  consumer: Open_Kind.KIND_CONSUMER,
  listener: Open_Kind.KIND_LISTENER,
} as const;

function refusal(error: ServiceError, target: string): BrokerError {
  if (error.code === status.UNAUTHENTICATED) {
    const message = `The embedded broker at ${target} does not accept the token. Use the one of this scan (SKYSCAN_BROKER_AUTH, or the startup file's token file).`;
    return new BrokerError("refused-credentials", message, { cause: error });
  }
  if (error.code === status.FAILED_PRECONDITION) {
    return new BrokerError(
      "unsupported",
      `The embedded broker at ${target} is of another version: ${error.details}. Use the same release at both ends.`,
      { cause: error },
    );
  }
  if (error.code === status.UNIMPLEMENTED) {
    return new BrokerError("unsupported", `What answers at ${target} is no embedded broker.`, { cause: error });
  }
  return new BrokerError("unreachable", `No embedded broker answers at ${target}: ${error.details}.`, {
    cause: error,
    retryable: true,
  });
}

function channelCredentials(tls: WireOptions["tls"]): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  return credentials.createSsl(tls.ca ?? null, tls.key ?? null, tls.cert ?? null);
}

/** @throws BrokerError `unreachable`, `refused-credentials`, `unsupported`. */
export async function connectWire(options: WireOptions): Promise<Wire> {
  const { target } = options;
  // What goes wrong is in the errors; the library would also write it to stderr.
  setLogVerbosity(logVerbosity.NONE);
  // Proxies of the environment are for the web, not for a stream inside a cluster.
  const client = new Client(target, channelCredentials(options.tls), { ...transportOptions, "grpc.enable_http_proxy": 0 });
  const metadata = new Metadata();
  metadata.set(versionKey, protocolVersion);
  if (options.token !== undefined) metadata.set("authorization", `Bearer ${options.token}`);
  const call: ClientDuplexStream<ClientFrame, HostFrame> = client.makeBidiStreamRequest(
    connectMethod.path,
    connectMethod.requestSerialize,
    connectMethod.responseDeserialize,
    metadata,
  );

  const up = deferred();
  const lost = deferred<Error>();
  const frames = createFrameWriter(emptyClientFrame, (frame) => call.write(frame));
  const handlers = new Map<number, WireHandler>();
  const confirms = new Map<number, () => void>();
  const questions = new Map<number, (answer: { exists: boolean; depth: number }) => void>();
  let nextNumber = 1;
  let open = true;

  const draw = (taken: { has(number: number): boolean }): number => {
    do nextNumber = nextNumber === 0xffffffff ? 1 : nextNumber + 1;
    while (taken.has(nextNumber));
    return nextNumber;
  };

  function end(error: Error): void {
    if (!open) return;
    open = false;
    frames.end();
    up.reject(error);
    lost.resolve(error);
    call.cancel();
    client.close();
  }

  function missing(handle: number): void {
    const handler = handlers.get(handle);
    handlers.delete(handle);
    handler?.missing();
  }

  function receive(frame: HostFrame): void {
    for (const handle of frame.opened) handlers.get(handle)?.opened();
    for (const seq of frame.confirmed) {
      const confirmed = confirms.get(seq);
      confirms.delete(seq);
      confirmed?.();
    }
    for (const { handle, tag, deliveryCount, body } of frame.deliveries)
      handlers.get(handle)?.deliver?.(tag, deliveryCount, body);
    for (const { handle, body } of frame.broadcasts) handlers.get(handle)?.broadcast?.(body);
    for (const { id, exists, depth } of frame.answers) {
      questions.get(id)?.({ exists, depth });
      questions.delete(id);
    }
    // Last: END and the queues' end may come in one frame.
    for (const handle of frame.missing) missing(handle);
  }

  call.on("metadata", () => up.resolve());
  call.on("data", receive);
  call.on("drain", () => frames.drained());
  call.on("error", (error: ServiceError) => end(refusal(error, target)));
  call.on("end", () =>
    end(new BrokerError("unreachable", `The embedded broker at ${target} ended the connection.`, { retryable: true })),
  );

  if (
    (await within(
      options.connectMs,
      up.promise.then(() => "up" as const),
      "late",
    )) === "late"
  ) {
    const late = new BrokerError("unreachable", `No embedded broker answers at ${target} within ${options.connectMs / 1000} s.`, {
      retryable: true,
    });
    end(late);
    throw late;
  }

  return {
    lost: lost.promise,
    open(kind, name, handler, prefetch = 0) {
      const handle = draw(handlers);
      handlers.set(handle, handler);
      if (open) frames.frame().opens.push({ handle, kind: kinds[kind], name, prefetch });
      return handle;
    },
    publish(handle, body, confirmed) {
      if (!open) return;
      const seq = draw(confirms);
      confirms.set(seq, confirmed);
      frames.frameFor(body.byteLength).publishes.push({ handle, seq, body });
    },
    publishUnconfirmed(handle, body) {
      // What may be lost does not queue up behind a slow network.
      if (open && !frames.full) frames.frameFor(body.byteLength).publishes.push({ handle, seq: 0, body });
    },
    ack(tag) {
      if (open) frames.frame().acks.push(tag);
    },
    requeue(tag) {
      if (open) frames.frame().requeues.push(tag);
    },
    stop(handle) {
      if (open) frames.frame().stops.push(handle);
    },
    closeHandle(handle) {
      handlers.delete(handle);
      if (open) frames.frame().closes.push(handle);
    },
    ask(queue) {
      const id = draw(questions);
      const answer = deferred<{ exists: boolean; depth: number }>();
      questions.set(id, (said) => answer.resolve(said));
      void lost.promise.then((error) => answer.reject(error));
      if (open) frames.frame().questions.push({ id, queue });
      return answer.promise;
    },
    written: () => frames.written(),
    async close() {
      if (!open) return;
      // Half-closed first: the host takes all that was said, acks above all, and then ends the stream.
      await within(2000, frames.written(), undefined);
      call.end();
      await within(2000, lost.promise, undefined);
      end(new BrokerError("closed", "This broker handle was closed."));
    },
  };
}
