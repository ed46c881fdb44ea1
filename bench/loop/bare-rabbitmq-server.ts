// Publishes work under a window and collects the replies, with amqplib alone: quorum queues, persistent, confirms.
import { connect } from "amqplib";
import { bareLoopOf, createMeter } from "./bare.ts";

const loop = bareLoopOf(process.argv[2]);
const { work, replies } = loop;
const connection = await connect(loop.address);
const publishing = await connection.createConfirmChannel();
const consuming = await connection.createChannel();
for (const queue of [work, replies])
  await consuming.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
await consuming.prefetch(2000);

const body = Buffer.alloc(loop.workBytes, 1);
const meter = createMeter(loop);
let sent = 0;
let out = 0;

function pump(): void {
  for (; out < loop.window && sent < loop.units; sent += 1, out += 1) {
    publishing.publish("", work, body, { persistent: true }, (refusal: unknown) => {
      if (refusal !== null && refusal !== undefined) throw new Error("RabbitMQ refused a message");
    });
  }
}

const perSec = await new Promise<number>((resolve) => {
  void consuming.consume(replies, (message) => {
    // The queue is deleted: the loop is over.
    if (message === null) return;
    consuming.ack(message);
    out -= 1;
    const rate = meter.count();
    if (rate === undefined) pump();
    else resolve(rate);
  });
  pump();
});
await publishing.waitForConfirms();
for (const queue of [work, replies]) await consuming.deleteQueue(queue);
await connection.close();
process.stdout.write(JSON.stringify({ perSec }));
