import { eventually } from "@skyscan/testing";
import type { TestBroker } from "@skyscan/testing";

/**
 * Resolves when nothing of this scan's event is in the broker. Pulsar's own client makes a topic anew that is removed while it listens there; without a
 * subscription that goes by itself.
 */
export async function nothingLeft(broker: TestBroker, eventName: string): Promise<void> {
  await eventually(`nothing of ${eventName} is left in the broker`, async () =>
    String((await broker.inventory()).names).includes(eventName) ? undefined : true,
  );
}
