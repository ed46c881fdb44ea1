import type { Publisher } from "../../broker.ts";
import type { Supervisor } from "../../supervisor.ts";
import { openPublisher } from "./publisher.ts";
import { declaredQueue } from "./queues.ts";
import type { PulsarSession } from "./session.ts";

export const openQueuePublisher = (supervisor: Supervisor<PulsarSession>, queue: string): Promise<Publisher> =>
  openPublisher(supervisor, {
    topic: queue,
    what: `the queue ${queue}`,
    async check(session) {
      const { note } = await declaredQueue(session, queue);
      return { properties: {}, batched: note.soleConsumer === true };
    },
  });
