// Answers each message and acks it when the answer is confirmed, with ws alone, over Pulsar's WebSocket API.
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";
import { bareLoopOf } from "./bare.ts";

const loop = bareLoopOf(process.argv[2]);
const [web, topics] = [loop.address.replace(/^ws/, "http"), "persistent/public/default"];
const options = { perMessageDeflate: false };

// The server's topics are there when both have their subscription.
const isThere = (topic: string): Promise<boolean> =>
  fetch(`${web}/admin/v2/${topics}/${topic}/subscriptions`).then(
    async (answer) => answer.ok && (await answer.text()).includes("bare"),
  );
while (!((await isThere(loop.work)) && (await isThere(loop.replies)))) await wait(20);

const query = `subscriptionType=Shared&receiverQueueSize=${loop.window}`;
const consumer = new WebSocket(`${loop.address}/ws/v2/consumer/${topics}/${loop.work}/bare?${query}`, options);
const producer = new WebSocket(`${loop.address}/ws/v2/producer/${topics}/${loop.replies}?batchingEnabled=false`, options);
await new Promise((resolve) => producer.once("open", resolve));
const payload = Buffer.alloc(loop.replyBytes, 1).toString("base64");
consumer.on("message", (data: Buffer) => {
  const { messageId: context } = JSON.parse(data.toString()) as { readonly messageId: string };
  producer.send(JSON.stringify({ payload, context }));
});
producer.on("message", (data: Buffer) => {
  const { result, context: messageId } = JSON.parse(data.toString()) as { readonly result: string; readonly context: string };
  if (result !== "ok") throw new Error("Pulsar refused a message");
  consumer.send(JSON.stringify({ messageId }));
});
