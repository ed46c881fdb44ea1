// Publishes work under a window and collects the replies, with ws alone, over Pulsar's WebSocket API: persistent topics, receipts, explicit acks.
import { WebSocket } from "ws";
import { bareLoopOf, createMeter } from "./bare.ts";

const loop = bareLoopOf(process.argv[2]);
const [web, topics] = [loop.address.replace(/^ws/, "http"), "persistent/public/default"];
const options = { perMessageDeflate: false };
const stalledMs = 15_000;
for (const topic of [loop.work, loop.replies]) {
  const made = await fetch(`${web}/admin/v2/${topics}/${topic}/subscription/bare`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ledgerId: -1, entryId: -1 }),
  });
  if (!made.ok) throw new Error(await made.text());
}

const payload = Buffer.alloc(loop.workBytes, 1).toString("base64");
const meter = createMeter(loop);
const query = "subscriptionType=Shared&receiverQueueSize=1000";
const consumer = new WebSocket(`${loop.address}/ws/v2/consumer/${topics}/${loop.replies}/bare?${query}`, options);
const producer = new WebSocket(`${loop.address}/ws/v2/producer/${topics}/${loop.work}?batchingEnabled=false`, options);
let sent = 0;
let out = 0;
function pump(): void {
  for (; out < loop.window && sent < loop.units; sent += 1, out += 1)
    producer.send(JSON.stringify({ payload, context: String(sent) }));
}
producer.on("message", (data: Buffer) => {
  if ((JSON.parse(data.toString()) as { readonly result: string }).result !== "ok") throw new Error("Pulsar refused a message");
});
producer.on("open", pump);

// The service may lose what this plain client asked for: then nothing comes any more, and the measurement is void.
let counted = 0;
let before = 0;
let watching: NodeJS.Timeout | undefined;
const perSec = await new Promise<number | undefined>((resolve) => {
  watching = setInterval(() => {
    if (counted === before) resolve(undefined);
    before = counted;
  }, stalledMs);
  consumer.on("message", (data: Buffer) => {
    const { messageId } = JSON.parse(data.toString()) as { readonly messageId: string };
    consumer.send(JSON.stringify({ messageId }));
    out -= 1;
    counted += 1;
    const rate = meter.count();
    if (rate === undefined) pump();
    else resolve(rate);
  });
});
clearInterval(watching);
for (const socket of [producer, consumer]) socket.terminate();
for (const topic of [loop.work, loop.replies]) await fetch(`${web}/admin/v2/${topics}/${topic}?force=true`, { method: "DELETE" });
process.stdout.write(JSON.stringify({ perSec }));
