import { createReopener } from "../../reopener.ts";
import type { Supervisor } from "../../supervisor.ts";
import { queueSubscription } from "./names.ts";
import type { PulsarSession } from "./session.ts";

/**
 * A consumer that never asks for anything. Pulsar counts in memory how often a message came back, and forgets that with a subscription's last
 * consumer: this one stays as long as the owner of the queue does.
 */
export function keepCounts(supervisor: Supervisor<PulsarSession>, queue: string): () => Promise<void> {
  let close: (() => Promise<void>) | undefined;
  const reopener = createReopener<PulsarSession>({
    supervisor,
    async open(session) {
      const again = (): void => {
        if (supervisor.session === session) reopener.reopen();
      };
      const options = { subscription: queueSubscription, type: "Shared" } as const;
      const consumer = await session.transport.consumer(queue, options, { message: () => undefined, ended: again });
      close = session.belongsTo(queue, consumer, () => undefined);
    },
    detached: () => {
      close = undefined;
    },
    failed: () => undefined,
  });
  return async () => {
    reopener.close();
    await close?.();
  };
}
