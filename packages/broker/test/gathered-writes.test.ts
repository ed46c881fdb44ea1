import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { gatherWrites } from "../src/gathered-writes.ts";

/** A socket whose system calls are noted instead of made. */
function notingSocket(): { readonly socket: Socket; readonly calls: string[] } {
  const calls: string[] = [];
  const socket = new Socket();
  const noting: Pick<Writable, "_write" | "_writev"> = {
    _write(chunk: Buffer, _encoding, done) {
      calls.push(chunk.toString());
      done();
    },
    _writev(chunks, done) {
      calls.push(chunks.map(({ chunk }) => (chunk as Buffer).toString()).join("|"));
      done();
    },
  };
  return { socket: Object.assign(socket, noting, { connecting: false }), calls };
}

test("what is written in one turn of the event loop leaves in one call, in order; what comes later in another", async () => {
  const { socket, calls } = notingSocket();
  gatherWrites(socket);
  socket.write("a");
  // As a library does that writes a frame in two pieces.
  socket.cork();
  socket.write("b");
  socket.write("c");
  socket.uncork();
  expect(calls).toEqual([]);
  await turn();
  expect(calls).toEqual(["a|b|c"]);
  socket.write("d");
  await turn();
  expect(calls).toEqual(["a|b|c", "d"]);
});

test("what is written just before the end still leaves", async () => {
  const { socket, calls } = notingSocket();
  gatherWrites(socket);
  socket.write("last");
  socket.end();
  await turn();
  expect(calls).toEqual(["last"]);
});
