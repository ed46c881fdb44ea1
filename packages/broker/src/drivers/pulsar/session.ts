import { BrokerError } from "../../errors.ts";
import { messageOf } from "@skyscan/runtime";
import type { Session } from "../../supervisor.ts";
import { createAdmin } from "./admin.ts";
import type { PulsarAdmin } from "./admin.ts";
import { HttpFailure } from "./failures.ts";
import type { PulsarOptions } from "./options.ts";
import type { Closable, PulsarTransport } from "./transport.ts";

/** What speaks to the broker until that goes. It never comes back by itself. */
export interface PulsarSession extends Session {
  readonly admin: PulsarAdmin;
  readonly transport: PulsarTransport;
  /** Its end is the topic's: closed before that is removed, since whoever uses a topic makes it anew. Returns what is to be called instead of its `close`. */
  belongsTo(topic: string, opened: Closable, removed: () => void): () => Promise<void>;
  /** Closes all that belongs to the topic, and says so. */
  endAll(topic: string): Promise<void>;
}

export function createSession(options: PulsarOptions, transport: PulsarTransport): PulsarSession {
  const users = new Map<string, Map<Closable, () => void>>();

  /** What the network says over a request ends the session; what the broker answers does not, nor that it takes its time. */
  async function noticing<T>(request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (error) {
      const tookLong = error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
      if (error instanceof Error && !(error instanceof HttpFailure) && !(error instanceof SyntaxError) && !tookLong)
        transport.giveUp(error);
      throw error;
    }
  }

  const admin = createAdmin(options);
  return {
    admin: {
      version: () => noticing(admin.version()),
      topic: (...call) => noticing(admin.topic(...call)),
    },
    transport,
    lost: transport.lost.then(
      (error) => new BrokerError("unreachable", `Lost Pulsar at ${options.where}: ${messageOf(error)}`, { cause: error }),
    ),
    belongsTo(topic, opened, removed) {
      const ofTopic = users.get(topic) ?? new Map<Closable, () => void>();
      users.set(topic, ofTopic.set(opened, removed));
      return async () => {
        ofTopic.delete(opened);
        await opened.close();
      };
    },
    async endAll(topic) {
      const ofTopic = [...(users.get(topic) ?? [])];
      users.delete(topic);
      await Promise.all(
        ofTopic.map(async ([opened, removed]) => {
          await opened.close();
          removed();
        }),
      );
    },
    close: () => transport.close(),
  };
}
