// Publishes work under a window and collects the replies, with @nats-io/jetstream alone: work-queue streams in files, confirms, explicit acks.
import { connect, createInbox } from "@nats-io/transport-node";
import { AckPolicy, RetentionPolicy, StorageType, jetstreamManager } from "@nats-io/jetstream";
import { bareLoopOf, createMeter } from "./bare.ts";

const loop = bareLoopOf(process.argv[2]);
const connection = await connect({ servers: [loop.address] });
const manager = await jetstreamManager(connection);
for (const name of [loop.work, loop.replies]) {
  await manager.streams.add({ name, subjects: [name], retention: RetentionPolicy.Workqueue, storage: StorageType.File });
  await manager.consumers.add(name, { durable_name: "bare", ack_policy: AckPolicy.Explicit, max_ack_pending: -1 });
}

const body = Buffer.alloc(loop.workBytes, 1);
const meter = createMeter(loop);
const inbox = createInbox();
connection.subscribe(inbox, {
  callback(_, confirm) {
    if (confirm.headers?.hasError === true || confirm.json<{ error?: unknown }>().error !== undefined)
      throw new Error("NATS refused a message");
  },
});
let sent = 0;
let out = 0;
function pump(): void {
  for (; out < loop.window && sent < loop.units; sent += 1, out += 1) connection.publish(loop.work, body, { reply: inbox });
}

const consumer = await manager.jetstream().consumers.get(loop.replies, "bare");
pump();
let perSec: number | undefined;
for await (const message of await consumer.consume({ max_messages: 2000 })) {
  message.ack();
  out -= 1;
  perSec = meter.count();
  if (perSec !== undefined) break;
  pump();
}
for (const name of [loop.work, loop.replies]) await manager.streams.delete(name);
process.stdout.write(JSON.stringify({ perSec }));
await connection.close();
