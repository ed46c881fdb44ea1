import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { openBroker } from "@skyscan/broker";
import { silentLogger } from "@skyscan/runtime";

/** What a server says of itself, of which it does nothing. */
const info = { server_id: "SILENT", version: "2.9.10", proto: 1, headers: true, jetstream: true, max_payload: 2 ** 24 };

it("a NATS that takes a connection and then answers nothing but pings is one that cannot be reached: who opens it may try again", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write(`INFO ${JSON.stringify(info)}\r\n`);
    socket.on("data", (bytes) => {
      if (bytes.toString().includes("PING\r\n")) socket.write("PONG\r\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { client: "nats", address, lostSec: 60, goneSec: 5 };
  await expect(openBroker(() => Promise.resolve(settings), { logger: silentLogger, purpose: "client" })).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringContaining(address) as string,
  });
});
