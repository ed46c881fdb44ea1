import type { Socket } from "node:net";
import { connect } from "amqplib";
import type { Channel, ChannelModel } from "amqplib";
import { deferred, messageOf, within } from "@skyscan/runtime";
import { BrokerError } from "../../errors.ts";
import { gatherWrites } from "../../gathered-writes.ts";
import type { Session } from "../../supervisor.ts";
import { connectFailure } from "./failures.ts";
import type { AmqpOptions } from "./options.ts";

/**
 * Two connections that live and die together: on an alarm RabbitMQ stops reading from connections that publish, acks included,
 * so acks go over one that never does.
 */
export interface AmqpSession extends Session {
  readonly publishing: ChannelModel;
  readonly consuming: ChannelModel;
  /** `3.10.8` */
  readonly version: string;
  /** Why the broker takes nothing now, or undefined when it does. */
  readonly blocked: string | undefined;
  /** Calls back when the broker stops (with the reason) or begins again (undefined) to take messages; returns what ends that. */
  onBlocked(listener: (reason: string | undefined) => void): () => void;
}

/** The socket under a connection, which the library's types do not show. */
const socketOf = (model: ChannelModel): Socket | undefined =>
  (model.connection as unknown as { readonly stream?: Socket }).stream;

/** Closes a channel. When its connection goes meanwhile, that is all: the library would never say that it is closed. */
export async function closeChannel(channel: Channel): Promise<void> {
  const closed = new Promise<void>((resolve) => channel.once("close", () => resolve()));
  await Promise.race([channel.close().catch(() => undefined), closed]);
}

/** Resolves when a request was answered, or rejects when the channel dies first. */
export async function withChannel<T>(connection: ChannelModel, use: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await connection.createChannel();
  const state = { open: true };
  // What closed it is in the rejection of the request.
  channel.on("error", () => undefined);
  channel.on("close", () => {
    state.open = false;
  });
  try {
    return await use(channel);
  } finally {
    if (state.open) await closeChannel(channel);
  }
}

const endings = new WeakMap<ChannelModel, Promise<void>>();

/** Closes in agreement, after 2 s without. Once: a second attempt on a connection that is closing would break it off. */
function endConnection(model: ChannelModel): Promise<void> {
  const ending = endings.get(model) ?? closeAndDestroy(model);
  endings.set(model, ending);
  return ending;
}

async function closeAndDestroy(model: ChannelModel): Promise<void> {
  try {
    await within(2000, model.close(), undefined);
  } catch {
    // It was closed already.
  }
  // The library ends connections only in agreement with the broker, which a dead network never gives.
  socketOf(model)?.destroy();
}

/** @throws BrokerError `unreachable`, `refused-credentials`, `refused-right`, `bad-address`. */
export async function openSession(options: AmqpOptions, name: string): Promise<AmqpSession> {
  const lost = deferred<Error>();
  const dial = async (role: string): Promise<ChannelModel> => {
    const socket = { ...options.socket, clientProperties: { connection_name: `${name} ${role}` } };
    const model = await connect({ ...options.connect }, socket).catch((error: unknown) => {
      throw connectFailure(error, options);
    });
    const stream = socketOf(model);
    if (stream !== undefined) gatherWrites(stream);
    model.on("error", (error) => lost.resolve(error));
    model.on("close", (error?: Error) => lost.resolve(error ?? new Error("RabbitMQ closed the connection")));
    return model;
  };
  const publishing = await dial("publishes");
  const consuming = await dial("consumes").catch(async (error: unknown) => {
    await endConnection(publishing);
    throw error;
  });

  const listeners = new Set<(reason: string | undefined) => void>();
  let blocked: string | undefined;
  const setBlocked = (reason: string | undefined): void => {
    blocked = reason;
    for (const listener of [...listeners]) listener(reason);
  };
  publishing.on("blocked", (reason) => setBlocked(reason === "" ? "the broker raised an alarm" : reason));
  publishing.on("unblocked", () => setBlocked(undefined));

  // One gone, both gone: what is left of the pair would serve half a handle.
  const ended = lost.promise.then(async (reason) => {
    await Promise.all([endConnection(publishing), endConnection(consuming)]);
    return reason;
  });
  void ended;

  return {
    publishing,
    consuming,
    version: publishing.connection.serverProperties.version,
    lost: lost.promise.then((error) =>
      error instanceof BrokerError
        ? error
        : new BrokerError("unreachable", `Lost RabbitMQ at ${options.where}: ${messageOf(error)}`, { cause: error }),
    ),
    get blocked() {
      return blocked;
    },
    onBlocked(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      await Promise.all([endConnection(publishing), endConnection(consuming)]);
    },
  };
}
