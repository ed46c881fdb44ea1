import type { Delivery } from "../../broker.ts";
import type { DeliveryBuffer } from "../../delivery-buffer.ts";
import type { PulsarSession } from "./session.ts";
import type { PulsarConsumer, Received } from "./transport.ts";

/** A message that is out, read or not. */
export interface Held extends Delivery {
  readonly received: Received;
  readonly session: PulsarSession;
  readonly consumer: PulsarConsumer;
  readonly mate: Mate;
}

/** One of the consumers that are beside each other. */
export interface Mate {
  readonly prefetch: number;
  readonly buffer: DeliveryBuffer<Held>;
  readonly out: Set<Held>;
  stopped: boolean;
}

export const roomOf = ({ stopped, prefetch, out }: Mate): number => (stopped ? 0 : Math.max(0, prefetch - out.size));
