// Answers each message and acks it when the answer is confirmed, with amqplib alone.
import { setTimeout as wait } from "node:timers/promises";
import { connect } from "amqplib";
import type { Channel } from "amqplib";
import { bareLoopOf } from "./bare.ts";

const loop = bareLoopOf(process.argv[2]);
const { work, replies } = loop;
const connection = await connect(loop.address);
const publishing = await connection.createConfirmChannel();
const body = Buffer.alloc(loop.replyBytes, 1);

async function openWhenThere(): Promise<Channel> {
  for (;;) {
    const channel = await connection.createChannel();
    channel.on("error", () => undefined);
    const there = await channel.checkQueue(replies).catch(() => undefined);
    if (there !== undefined) return channel;
    await wait(20);
  }
}
const consuming = await openWhenThere();
await consuming.prefetch(loop.window);
await consuming.consume(work, (message) => {
  if (message === null) return;
  publishing.publish("", replies, body, { persistent: true }, () => consuming.ack(message));
});
