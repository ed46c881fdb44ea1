import type { BrokerError } from "./errors.ts";

/**
 * The seam between the engine and a message broker. It moves bytes and knows nothing of scans. At-least-once: what was published and
 * confirmed is delivered until somebody acks it, also over a restart of the broker (embedded: of the collector behind it).
 *
 * Drivers reconnect by themselves with bounded, jittered backoff. After a reconnect, deliveries of before are void: their `ack` and `requeue`
 * do nothing, and the broker hands the messages out again. Publishes that were not confirmed yet are sent again by the driver
 * (so a message may arrive twice), unless the handle was closed.
 */

/** What the owner of a queue asks for when it declares it. A driver maps it to what its broker has. */
export interface QueueSpec {
  readonly name: string;
  /** `durable` survives the broker's restart with its messages; `transient` may lose them and must not pile up. */
  readonly durability: "durable" | "transient";
  /** A message that came back more often than this (requeued, lost consumer) goes to `deadLetterTo`. Absent: no limit in practice. */
  readonly deliveryLimit?: number;
  /** Name of a queue, declared in the same call. */
  readonly deadLetterTo?: string;
  /** Transient queues: messages older than this are dropped. */
  readonly timeToLiveSec?: number;
  /** Transient queues: the oldest are dropped beyond this. */
  readonly maxLength?: number;
  /**
   * One consumer at a time reads it, and what was acked may come again: a driver may keep several messages of a publisher as one, which go out
   * together and come back together.
   */
  readonly soleConsumer?: boolean;
}

/** One message as it was handed out. Exactly one of `ack` and `requeue` ends it; a second call and calls after a reconnect do nothing. */
export interface Delivery {
  readonly body: Uint8Array;
  /** How often it was handed out before and came back, where the broker counts (some do not count what a lost consumer had). */
  readonly deliveryCount?: number;
  /** Done with it: the broker forgets it. */
  ack(): void;
  /** Not begun: the broker gives it to somebody else, as soon as it can. */
  requeue(): void;
}

/** Called once: without an error when the broker has taken responsibility, with one when it never will. */
export type Settled = (error?: BrokerError) => void;

/** Order of confirmed messages is the order of the calls, as long as no connection is lost. */
export interface Publisher {
  /**
   * Resolves when the broker has taken responsibility. (Embedded: a client's message to a durable queue when a consumer has acked it; the
   * host's own at once.)
   * @throws BrokerError `queue-gone` when the queue no longer exists, `full` when the broker refuses the message (not retryable: it is
   * larger than `maxMessageBytes`), `lost`, `closed`.
   */
  publish(body: Uint8Array): Promise<void>;
  /** The same without a promise, for what goes out by the thousand; `settled` is not called before this returns. */
  send(body: Uint8Array, settled: Settled): void;
  /** Sent without confirm: may be lost, costs nothing. Dropped silently while there is no connection. */
  publishUnconfirmed(body: Uint8Array): void;
  /** Resolves when all that was published is confirmed or failed. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Deliveries one after the other, at most `prefetch` of them unended at a time. Leaving a loop over it stops nothing. Iteration ends when `close` or `stop` is called
 * and throws BrokerError `queue-gone` when the queue has been missing for the grace time, `lost` when the broker did not come back.
 */
export interface Consumer extends AsyncIterable<Delivery> {
  /** As a loop over it, for what comes by the thousand: no promise for each delivery. What `handle` throws ends it. */
  forEach(handle: (delivery: Delivery) => void): Promise<void>;
  /** No new deliveries; those that are out may still be ended. Iteration ends. */
  stop(): Promise<void>;
  /** Ends it; what is unended goes back to the broker. */
  close(): Promise<void>;
}

/** The sender's end of a control channel: reaches everybody who listens now, and (drivers with retention) who comes late. */
export interface Broadcaster {
  broadcast(body: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** The receiver's end. Iteration ends on `close`, throws as a Consumer does. */
export interface Listener extends AsyncIterable<Uint8Array> {
  close(): Promise<void>;
}

/** Held until released or until the holder's connection is gone for good. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * The connection, as the driver sees it.
 * - `up` connected. `emptied`: declared queues were missing on reconnect and were declared again, so their contents are lost (also
 *   queues so young that the broker may have lost their contents without a trace).
 * - `down` not connected, trying again.
 * - `blocked` connected, but the broker takes nothing (alarm); `up` follows.
 * - `failed` given up after the lost limit, or refused for good; every open iteration has thrown.
 */
export type BrokerState =
  | { readonly kind: "up"; readonly reconnected: boolean; readonly emptied: readonly string[] }
  | { readonly kind: "down"; readonly reason: string }
  | { readonly kind: "blocked"; readonly reason: string }
  | { readonly kind: "failed"; readonly error: Error };

export interface ConsumerOptions {
  /** How many deliveries may be out at the same time. */
  readonly prefetch: number;
  /**
   * Another consumer of the same queue. Both lose what they have out at the same moment when the connection goes: else what one gives back could
   * go out to the other, which is as good as gone, and be counted as returned once more.
   */
  readonly beside?: Consumer;
}

/** One process's handle on one broker. Opened by `openBroker`. */
export interface Broker {
  /** `rabbitmq 3.10.8 at localhost:5672/vhost`: no secrets. */
  readonly description: string;
  /** Longest time a delivery may stay unended before the broker takes it back, seconds; null = no limit. */
  readonly maxHoldSec: number | null;
  /** What somebody had who is gone may come again as if for the first time: `deliveryCount` does not tell. Default: it does. */
  readonly lossesUncounted?: boolean;
  /** Only the owner declares: makes the queues and the control channel; they are made again when a broker comes back without them. */
  declare(queues: readonly QueueSpec[], control: string): Promise<void>;
  /** Removes queues and control channel. What is missing already is no error. */
  remove(queues: readonly string[], control: string): Promise<void>;
  /** Opens passively: never makes a queue. @throws BrokerError `queue-gone` when it has been missing for the grace time. */
  publisher(queue: string): Promise<Publisher>;
  /** Opens passively, as `publisher`. */
  consumer(queue: string, options: ConsumerOptions): Promise<Consumer>;
  broadcaster(control: string): Promise<Broadcaster>;
  listener(control: string): Promise<Listener>;
  /** Messages that wait in the queue, not counting those handed out. */
  depth(queue: string): Promise<number>;
  /** Drops what waits in the queue (not what is handed out). Returns how many, where the broker tells, else 0. */
  purge(queue: string): Promise<number>;
  /** True when the queue exists. */
  exists(queue: string): Promise<boolean>;
  /** @throws BrokerError `locked` when somebody else holds it. */
  lock(name: string): Promise<Lock>;
  /** Calls back on every change of the connection; returns what ends that. */
  onState(listener: (state: BrokerState) => void): () => void;
  /** Confirms what is in flight (a few seconds at most), closes, in order. */
  close(): Promise<void>;
}
