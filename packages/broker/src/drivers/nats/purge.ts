import { createInbox } from "@nats-io/transport-node";
import { statusOf } from "./delivered.ts";
import { pullSubject } from "./names.ts";
import { queueDepth } from "./queues.ts";
import type { NatsSession } from "./session.ts";

const batch = 1000;
const batchMs = 10_000;

/** Takes what waits and acks it: a purge of the stream would drop what is handed out, too. Rejects when there is no such queue. */
export async function purgeQueue(session: NatsSession, queue: string): Promise<number> {
  await queueDepth(session, queue);
  let dropped = 0;
  for (;;) {
    const got = await dropBatch(session, queue);
    dropped += got;
    if (got < batch) return dropped;
  }
}

async function dropBatch({ connection }: NatsSession, queue: string): Promise<number> {
  let got = 0;
  const inbox = createInbox();
  const subscription = connection.subscribe(inbox, { timeout: batchMs });
  connection.publish(pullSubject(queue), JSON.stringify({ batch, no_wait: true }), { reply: inbox });
  try {
    for await (const message of subscription) {
      if (statusOf(message) !== undefined) break;
      message.respond();
      got += 1;
      if (got === batch) break;
    }
  } finally {
    subscription.unsubscribe();
  }
  return got;
}
