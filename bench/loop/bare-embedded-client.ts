// Answers each message of a bidirectional stream, with @grpc/grpc-js alone.
import { Client, Metadata, credentials } from "@grpc/grpc-js";
import { bareLoopOf } from "./bare.ts";
import { bareMethod, confirmMark } from "./bare-grpc.ts";

const loop = bareLoopOf(process.argv[2]);
const reply = Buffer.alloc(loop.replyBytes, 1);
const client = new Client(loop.address, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
const metadata = new Metadata();
metadata.set("bare", "1");
client.waitForReady(Date.now() + 30_000, (error) => {
  if (error !== undefined) throw error;
  const { path, requestSerialize, responseDeserialize } = bareMethod;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
  stream.on("data", (body: Buffer) => {
    if (body.byteLength > confirmMark.byteLength) stream.write(reply);
  });
  stream.on("error", () => client.close());
});
