// Answers each message and acks it when the answer is confirmed, with @nats-io/jetstream alone.
import { setTimeout as wait } from "node:timers/promises";
import { connect, createInbox } from "@nats-io/transport-node";
import { jetstreamManager } from "@nats-io/jetstream";
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import { bareLoopOf } from "./bare.ts";

const loop = bareLoopOf(process.argv[2]);
const connection = await connect({ servers: [loop.address] });
const manager = await jetstreamManager(connection);
const body = Buffer.alloc(loop.replyBytes, 1);

async function consumerWhenThere(): Promise<Consumer> {
  for (;;) {
    const there = await manager.consumers.info(loop.replies, "bare").catch(() => undefined);
    if (there !== undefined) return manager.jetstream().consumers.get(loop.work, "bare");
    await wait(20);
  }
}

/** Confirms come in the order of the answers. */
const answered: JsMsg[] = [];
const inbox = createInbox();
connection.subscribe(inbox, { callback: () => answered.shift()?.ack() });
const consumer = await consumerWhenThere();
for await (const message of await consumer.consume({ max_messages: loop.window })) {
  answered.push(message);
  connection.publish(loop.replies, body, { reply: inbox });
}
