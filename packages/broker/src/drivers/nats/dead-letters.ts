import { headers } from "@nats-io/transport-node";
import type { PubAck } from "@nats-io/jetstream";
import { queueSubject } from "./names.ts";
import { requestMs } from "./session.ts";
import type { NatsSession } from "./session.ts";

/**
 * Moves a message that came back too often. Whoever drew it does that before anybody sees it, so it needs nobody who listens to advisories: should
 * that one die on the way, the next one to draw it moves it again, and its id makes it one.
 */
export async function buryIn(
  { connection }: NatsSession,
  grave: string,
  { body, id }: { readonly body: Uint8Array; readonly id: string },
): Promise<void> {
  const named = headers();
  named.set("Nats-Msg-Id", `dead.${id}`);
  const answer = await connection.request(queueSubject(grave), body, { headers: named, timeout: requestMs });
  const { error } = answer.json<PubAck & { readonly error?: { readonly description: string } }>();
  if (error !== undefined) throw new Error(error.description);
}
