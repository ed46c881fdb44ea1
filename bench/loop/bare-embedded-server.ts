// Sends work under a window over one bidirectional stream and collects the replies, with @grpc/grpc-js alone. A reply is confirmed when it is
// in a file and the file is synced, many at a time.
import { open } from "node:fs/promises";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { bareLoopOf, createMeter } from "./bare.ts";
import { bareService, confirmMark } from "./bare-grpc.ts";

const loop = bareLoopOf(process.argv[2]);
const body = Buffer.alloc(loop.workBytes, 1);
const file = await open(loop.path, "w");
const meter = createMeter(loop);
let sent = 0;
let out = 0;
let waiting: Buffer[] = [];
let syncing = false;
let done: (perSec: number) => void;
const finished = new Promise<number>((resolve) => (done = resolve));

async function sync(stream: ServerDuplexStream<Buffer, Buffer>): Promise<void> {
  if (syncing) return;
  syncing = true;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    await file.appendFile(Buffer.concat(batch));
    await file.datasync();
    for (let one = 0; one < batch.length; one += 1) {
      stream.write(confirmMark);
      out -= 1;
      const rate = meter.count();
      if (rate !== undefined) done(rate);
    }
    pump(stream);
  }
  syncing = false;
}

function pump(stream: ServerDuplexStream<Buffer, Buffer>): void {
  for (; out < loop.window && sent < loop.units; sent += 1, out += 1) stream.write(body);
}

const server = new Server();
server.addService(bareService, {
  connect(stream: ServerDuplexStream<Buffer, Buffer>) {
    stream.on("data", (reply: Buffer) => {
      waiting.push(reply);
      void sync(stream);
    });
    stream.on("error", () => undefined);
    pump(stream);
  },
});
await new Promise<void>((resolve, reject) =>
  server.bindAsync(loop.address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())),
);
const perSec = await finished;
server.forceShutdown();
await file.close();
process.stdout.write(JSON.stringify({ perSec }));
