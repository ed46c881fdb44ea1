import { randomUUID } from "node:crypto";
import { afterEach, it } from "vitest";
import { deferred } from "@skyscan/runtime";
import type { Broker, BrokerState, Consumer, Delivery, QueueSpec } from "@skyscan/broker";

export interface OpenChoices {
  readonly address?: string;
  readonly auth?: string;
  readonly goneSec?: number;
  readonly lostSec?: number;
}

/** What a driver's test file gives the contract: a real broker, and ways to hurt it. */
export interface Harness {
  /** The side that declares. */
  owner(choices?: OpenChoices): Promise<Broker>;
  /** The other side, through the network where there is one. */
  client(choices?: OpenChoices): Promise<Broker>;
  /** Between clients and broker. Absent for drivers that lack it. */
  readonly network?: BreakableNetwork;
  /** Of the broker itself. Absent for drivers that lack it. */
  readonly server?: KillableServer;
  /** A place where nobody listens. */
  readonly nobody: string;
}

export interface BreakableNetwork {
  /** Breaks every client's connection, once. */
  breakConnections(): void;
  /** Nothing gets through to the broker until `mend`. */
  cut(): void;
  mend(): void;
}

export interface KillableServer {
  kill9(): Promise<void>;
  /** On the same data. */
  restart(): Promise<void>;
  /** Resolves when what is confirmed is safe from a kill, for brokers that need a moment for that. */
  readonly settled?: () => Promise<void>;
}

/** What a broker may be without; the guarantees about it are then nobody's to keep. `loss-counts`: it counts what was given back, not what was lost. */
export type Lack = "network" | "credentials" | "restart" | "loss-counts";

export const text = (body: Uint8Array): string => Buffer.from(body).toString();
export const bytes = (body: string): Uint8Array => Buffer.from(body);
const quietMs = 300;

/** Reads one consumer from several places of a test. */
export function reader(consumer: Consumer): { next(): Promise<Delivery>; quiet(): Promise<boolean> } {
  const iterator = consumer[Symbol.asyncIterator]();
  let ahead: Promise<IteratorResult<Delivery>> | undefined;
  return {
    async next() {
      const result = await (ahead ?? iterator.next());
      ahead = undefined;
      if (result.done === true) throw new Error("the consumer ended");
      return result.value;
    },
    async quiet() {
      ahead ??= iterator.next();
      ahead.catch(() => undefined);
      return Promise.race([ahead.then(() => false), new Promise<boolean>((resolve) => setTimeout(resolve, quietMs, true))]);
    },
  };
}

/** A scan's queues; names nobody else has. */
interface ScanNames {
  readonly work: string;
  readonly replies: string;
  readonly dead: string;
  readonly workers: string;
  readonly control: string;
  readonly queues: readonly QueueSpec[];
}

/** What the guarantees have at hand. What they open and declare is closed and removed after each. */
export interface ContractStage {
  readonly harness: () => Harness;
  readonly network: () => BreakableNetwork;
  /** A test of what some brokers lack. */
  readonly where: (needed: Lack) => (guarantee: string, test: () => Promise<void>) => void;
  readonly owner: (choices?: OpenChoices) => Promise<Broker>;
  readonly client: (choices?: OpenChoices) => Promise<Broker>;
  /** How often something was handed out before that was given back and lost so often. */
  readonly returns: (givenBack: number, lost: number) => number;
  /** Declares a scan's queues. */
  readonly scan: (broker: Broker, deliveryLimit?: number) => Promise<ScanNames>;
  /** Has these removed after the test. */
  readonly own: (owner: Broker, queues: readonly string[], control: string) => void;
  /** Call it before the connection breaks. */
  readonly reconnected: (broker: Broker) => Promise<BrokerState & { kind: "up" }>;
}

/** To be called within a `describe`. */
export function setContractStage(harness: () => Harness, lacks: readonly Lack[]): ContractStage {
  const open: Broker[] = [];
  const owned: { owner: Broker; queues: readonly string[]; control: string }[] = [];

  afterEach(async () => {
    harness().network?.mend();
    for (const { owner, queues, control } of owned.splice(0)) await owner.remove(queues, control).catch(() => undefined);
    for (const broker of open.splice(0).reverse()) await broker.close();
  });

  const own = (owner: Broker, queues: readonly string[], control: string): void => void owned.push({ owner, queues, control });
  async function owner(choices?: OpenChoices): Promise<Broker> {
    const broker = await harness().owner(choices);
    open.push(broker);
    return broker;
  }
  async function client(choices?: OpenChoices): Promise<Broker> {
    const broker = await harness().client(choices);
    open.push(broker);
    return broker;
  }
  async function scan(broker: Broker, deliveryLimit = 5): Promise<ScanNames> {
    const id = randomUUID();
    const names = {
      work: `work-${id}`,
      replies: `replies-${id}`,
      dead: `dead-${id}`,
      workers: `workers-${id}`,
      control: `control-${id}`,
    };
    const queues: QueueSpec[] = [
      { name: names.work, durability: "durable", deliveryLimit, deadLetterTo: names.dead },
      { name: names.replies, durability: "durable", deliveryLimit: 1_000_000, soleConsumer: true },
      { name: names.dead, durability: "durable" },
      { name: names.workers, durability: "transient", timeToLiveSec: 90, maxLength: 3 },
    ];
    await broker.declare(queues, names.control);
    own(
      broker,
      queues.map((queue) => queue.name),
      names.control,
    );
    return { ...names, queues };
  }
  const reconnected = (broker: Broker): Promise<BrokerState & { kind: "up" }> => {
    const seen = deferred<BrokerState & { kind: "up" }>();
    const off = broker.onState((state) => {
      if (state.kind !== "up" || !state.reconnected) return;
      off();
      seen.resolve(state);
    });
    return seen.promise;
  };

  return {
    harness,
    network: () => harness().network!,
    returns: (givenBack, lost) => givenBack + (lacks.includes("loss-counts") ? 0 : lost),
    where: (needed) => (lacks.includes(needed) ? () => undefined : it),
    owner,
    client,
    scan,
    own,
    reconnected,
  };
}
