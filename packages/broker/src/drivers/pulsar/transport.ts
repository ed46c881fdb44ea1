/**
 * One connection's way of talking to Pulsar's topics, by either protocol. What queues are made of stands above it: names, redelivery,
 * dispositions, what was declared. Nothing here reconnects: what ends is opened again by whoever uses it.
 */
export interface PulsarTransport {
  /** Resolves with the reason when the connection as a whole is gone; never rejects. */
  readonly lost: Promise<Error>;
  /** What failed elsewhere shows that it is gone. */
  giveUp(reason: Error): void;
  /** Asks whether the broker speaks this protocol at all; rejects with what it says. */
  knock(): Promise<void>;
  producer(topic: string, options: ProducerOptions, events: ProducerEvents): Promise<PulsarProducer>;
  consumer(topic: string, options: SubscribeOptions, events: ConsumerEvents): Promise<PulsarConsumer>;
  /** Hears everything from the message after `after`, or from the earliest that is kept. */
  reader(topic: string, after: string | undefined, events: ReaderEvents): Promise<Closable>;
  close(): Promise<void>;
}

export interface Closable {
  close(): Promise<void>;
}

export interface EndEvents {
  /** It ended without `close` although the connection stands. `tooLarge`: since a message was larger than the broker takes. */
  readonly ended: (reason: Error & { readonly tooLarge?: boolean }) => void;
}

export interface ProducerEvents extends EndEvents {
  /** `ledger`: where it was written; another one than before may mean another topic of the same name. */
  readonly receipt: (context: string, ledger: string) => void;
  readonly refused: (context: string, why: string) => void;
}

export interface PulsarProducer extends Closable {
  send(body: Uint8Array, context: string, properties: Readonly<Record<string, string>>): void;
}

export interface ProducerOptions {
  /** What is sent within a few milliseconds is kept as one, goes to one consumer, and comes back whole. */
  readonly batched: boolean;
}

/** So long a batch waits for more, milliseconds. */
export const batchMs = 3;
/** What was given back comes again after this long: as soon as Pulsar allows. */
export const giveBackMs = 100;

export interface SubscribeOptions {
  readonly subscription: string;
  /** Exclusive: refused with BrokerError `locked` when there is a consumer already; leaves nothing behind. */
  readonly type: "Shared" | "Exclusive";
  /** What is unacked for so long is given to another one. */
  readonly holdSec?: number;
  /** Takes more than was asked for: for who has the queue to itself. */
  readonly ahead?: number;
}

export interface Received {
  readonly id: string;
  readonly body: Uint8Array;
  readonly redeliveryCount: number;
}

export interface ConsumerEvents extends EndEvents {
  readonly message: (message: Received) => void;
}

export interface PulsarConsumer extends Closable {
  /** The broker lists it so. Nobody else has this name. */
  readonly name: string;
  /** Asks for so many messages more; less than none takes back what was asked for, of which one may still come. */
  permit(count: number): void;
  /** The broker forgot that so many were asked for. */
  permitAgain(count: number): void;
  ack(id: string): void;
  /** It comes to somebody in a moment. */
  giveBack(id: string): void;
}

export interface ReaderEvents extends EndEvents {
  readonly message: (id: string, body: Uint8Array, properties: Readonly<Record<string, string>>) => void;
}

/** The ledger of a message id in Pulsar's own encoding: the first field, a number of seven bits a byte. */
export function ledgerOf(id: Buffer): string {
  let end = 1;
  while (end < id.length && id[end]! >= 0x80) end += 1;
  return id.toString("hex", 1, end + 1);
}
