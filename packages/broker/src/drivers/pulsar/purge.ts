import { deferred, within } from "@skyscan/runtime";
import { requestFailure } from "./failures.ts";
import { queueSubscription } from "./names.ts";
import { queueDepth } from "./queues.ts";
import type { PulsarSession } from "./session.ts";

const ahead = 1000;
const quietMs = 200;

/** Takes what waits and acks it: to skip all would drop what is handed out, too. Rejects when there is no such queue. */
export async function purgeQueue(session: PulsarSession, queue: string): Promise<number> {
  let dropped = 0;
  if ((await queueDepth(session, queue)) === 0) return 0;
  let arrived = deferred();
  const broken = deferred<never>();
  broken.promise.catch(() => undefined);
  const consumer = await session.transport
    .consumer(
      queue,
      { subscription: queueSubscription, type: "Shared", ahead },
      {
        message({ id }) {
          consumer.ack(id);
          dropped += 1;
          consumer.permit(1);
          arrived.resolve();
        },
        ended: (reason) => broken.reject(reason),
      },
    )
    .catch((error: unknown) => {
      throw requestFailure(error, `the queue ${queue}`, "consume");
    });
  const lost = session.lost.then((reason) => Promise.reject(reason));
  try {
    consumer.permit(ahead);
    for (;;) {
      const more = await within(quietMs, Promise.race([arrived.promise.then(() => true), broken.promise, lost]), false);
      if (!more && (await queueDepth(session, queue)) === 0) return dropped;
      arrived = deferred();
    }
  } finally {
    await consumer.close();
  }
}
