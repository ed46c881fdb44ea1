import type { Broker, Consumer, Delivery } from "@skyscan/broker";

export interface IntakeOptions {
  readonly broker: Broker;
  readonly queue: string;
  /** How many deliveries the slots can have in hand. */
  readonly prefetch: number;
  readonly take: (delivery: Delivery) => void;
  /** Nothing more is taken ahead: what was, and has not begun, may go back without coming again at once. */
  readonly narrowed: () => void;
}

/** Work as it comes in: one consumer for what the slots can run, a second one for what is taken ahead, since a prefetch cannot be changed. */
export interface Intake {
  /** Opens the first consumer. */
  open(): Promise<void>;
  /** Takes what comes until `stop`. @throws BrokerError as a consumer does, of either. */
  run(): Promise<void>;
  /** How many more deliveries are to be taken: opens, replaces or ends the second consumer; what it brought may still be ended. */
  lookAhead(deliveries: number): void;
  /** Nothing new comes after this. */
  stop(): Promise<void>;
  readonly ahead: number;
}

/** A consumer that is closed once it is stopped and all that it brought has ended. */
interface Source {
  consume(take: (delivery: Delivery) => void): Promise<void>;
  stop(): Promise<void>;
}

/** n.b. a class: closures of each delivery live as long as it does, and are copied by each collection. */
class CountedDelivery implements Delivery {
  readonly body: Uint8Array;
  readonly deliveryCount?: number;
  private readonly delivery: Delivery;
  private ended: (() => void) | undefined;

  constructor(delivery: Delivery, ended: () => void) {
    const { body, deliveryCount } = delivery;
    this.body = body;
    if (deliveryCount !== undefined) this.deliveryCount = deliveryCount;
    this.delivery = delivery;
    this.ended = ended;
  }
  ack(): void {
    this.delivery.ack();
    this.end();
  }
  requeue(): void {
    this.delivery.requeue();
    this.end();
  }
  private end(): void {
    this.ended?.();
    this.ended = undefined;
  }
}

function createSource(consumer: Consumer): Source {
  let out = 0;
  let stopped = false;
  const closeWhenDone = async (): Promise<void> => {
    if (stopped && out === 0) await consumer.close();
  };
  const ended = (): void => {
    out -= 1;
    if (stopped) closeWhenDone().catch(() => undefined);
  };
  return {
    async consume(take) {
      await consumer.forEach((delivery) => {
        out += 1;
        take(new CountedDelivery(delivery, ended));
      });
    },
    async stop() {
      await consumer.stop();
      stopped = true;
      await closeWhenDone();
    },
  };
}

export function createIntake(options: IntakeOptions): Intake {
  const { broker, queue, take } = options;
  let first: { readonly source: Source; readonly consumer: Consumer } | undefined;
  let second: { readonly source: Source; readonly deliveries: number } | undefined;
  let ahead = 0;
  let changing = false;
  let stopped = false;
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);

  /** Brings the second consumer to what is wanted; one change at a time. */
  async function change(): Promise<void> {
    if (changing) return;
    changing = true;
    try {
      while (!stopped && ahead !== (second?.deliveries ?? 0)) {
        if (second === undefined) {
          const deliveries = ahead;
          const consumer = await broker.consumer(queue, { prefetch: deliveries, ...(first && { beside: first.consumer }) });
          second = { source: createSource(consumer), deliveries };
          second.source.consume(take).catch(fail);
        } else {
          const ending = second;
          second = undefined;
          await ending.source.stop();
          if (ahead < ending.deliveries) options.narrowed();
        }
      }
      if (stopped) await second?.source.stop();
    } finally {
      changing = false;
    }
  }

  return {
    async open() {
      const consumer = await broker.consumer(queue, { prefetch: options.prefetch });
      first = { source: createSource(consumer), consumer };
      if (stopped) await first.source.stop();
    },
    async run() {
      if (first !== undefined) await Promise.race([first.source.consume(take), failed]);
    },
    lookAhead(deliveries) {
      if (ahead === deliveries || stopped) return;
      ahead = deliveries;
      change().catch(fail);
    },
    async stop() {
      stopped = true;
      await Promise.all([first?.source.stop(), second?.source.stop()]);
    },
    get ahead() {
      return ahead;
    },
  };
}
