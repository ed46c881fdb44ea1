// Starts the embedded broker on a loopback port and knocks at it: with another token, without one, with more than a message may have.
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmbeddedHost } from "@skyscan/broker";
import type { EmbeddedHost } from "@skyscan/broker";
import { maxMessageBytes, silentLogger } from "@skyscan/runtime";
import { connectWire } from "../src/drivers/embedded/wire.ts";
import type { Wire } from "../src/drivers/embedded/wire.ts";

const token = "embedded-secret";
let host: EmbeddedHost;
beforeAll(async () => {
  host = await createEmbeddedHost({ listen: { host: "127.0.0.1", port: 0 }, token, logger: silentLogger });
  await host.broker().declare([{ name: "replies", durability: "durable" }], "control");
});
afterAll(() => host.close());

const knock = (shown: string | undefined): Promise<Wire> =>
  connectWire({ target: host.address, token: shown, connectMs: 10_000 });

describe("the embedded broker lets in", () => {
  it.each([
    ["another token", "embedded-secreu"],
    ["a part of the token", "embedded-secre"],
    ["more than the token", "embedded-secretx"],
    ["another case", "EMBEDDED-SECRET"],
    ["an empty token", ""],
    ["no token", undefined],
    ["its prefix twice", `Bearer ${token}`],
  ])("nobody with %s, and shows neither", async (_, shown) => {
    const error = (await knock(shown).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: "refused-credentials" });
    expect(error.message).not.toContain(token);
    if (shown !== undefined && shown !== "") expect(error.message).not.toContain(shown);
    expect(host.connections).toBe(0);
  });

  it("who has the token", async () => {
    const wire = await knock(token);
    expect(await wire.ask("replies")).toEqual({ exists: true, depth: 0 });
    await wire.close();
  });
});

describe("the embedded broker goes on when", () => {
  it("a client sends a message beyond the limit: nothing of it is queued, and that client is cut off", async () => {
    const wire = await knock(token);
    const opened = new Promise<number>((resolve) => {
      const handle: number = wire.open("publisher", "replies", { opened: () => resolve(handle), missing: () => undefined });
    });
    wire.publish(await opened, new Uint8Array(maxMessageBytes + 1), () => expect.unreachable());
    await wire.lost;
    const other = await knock(token);
    expect(await other.ask("replies")).toEqual({ exists: true, depth: 0 });
    await other.close();
  });

  it("something that is no client talks to it", async () => {
    for (const text of ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "AMQP\0\0\u0009\u0001", "\0".repeat(100_000)]) {
      const socket = connectSocket(host.port, "127.0.0.1");
      socket.on("error", () => undefined);
      await once(socket, "connect");
      socket.end(text);
      socket.resume();
      await once(socket, "close");
    }
    const wire = await knock(token);
    expect((await wire.ask("replies")).exists).toBe(true);
    await wire.close();
  });
});
