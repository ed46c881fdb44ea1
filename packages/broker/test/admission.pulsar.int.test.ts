// Starts real Pulsars that let in whom they like, or lack something.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificate, opensslMissing, pulsarMissing, startPulsar } from "@skyscan/testing";
import type { Certificate, Pulsar } from "@skyscan/testing";
import { bytes, reader, text } from "./contract-stage.ts";
import { pulsarHandles } from "./pulsar-handles.ts";
import { makeRoles } from "./pulsar-roles.ts";

const containing = (part: string): string => expect.stringContaining(part) as string;

describe.skipIf(pulsarMissing !== undefined || opensslMissing !== undefined)("a Pulsar with tokens and TLS lets in", () => {
  const { token, options } = makeRoles();
  let certificate: Certificate;
  let server: Pulsar;
  const open = pulsarHandles();

  beforeAll(async () => {
    certificate = await makeCertificate();
    // Frames as large as Pulsar takes when nobody changes that.
    const config = [...(options.config ?? []), "webSocketMaxTextFrameSize=1048576"];
    server = await startPulsar({ ...options, config, tls: certificate });
    for (const [role, rights] of [
      ["scans", ["produce", "consume"]],
      ["reader", ["consume"]],
      ["writer", ["produce"]],
    ] as const)
      await server.admin("POST", `namespaces/public/default/permissions/${role}`, rights);
  });
  afterAll(async () => {
    await server.stop();
    await certificate.remove();
  });

  it("a token that is good, nobody else; no secret is shown", async () => {
    const client = await open(server.address, { auth: token("scans") });
    expect(client.description).toBe(`pulsar 4.0.7 at 127.0.0.1:${server.port}/public/default`);
    const forged = `${token("scans").slice(0, -6)}forged`;
    for (const choices of [{ auth: forged }, {}]) {
      const opening = open(server.address, choices);
      await expect(opening).rejects.toMatchObject({ code: "refused-credentials", message: containing("SKYSCAN_BROKER_AUTH") });
      await expect(opening).rejects.not.toThrow("forged");
    }
  });

  it("whoever may produce and consume: a whole owner's and client's life, and topics that nobody may delete are left empty", async () => {
    const [owner, client] = [
      await open(server.address, { auth: token("scans"), purpose: "server" }),
      await open(server.address, { auth: token("scans") }),
    ];
    const [name, control] = [`work-${randomUUID()}`, `control-${randomUUID()}`];
    const lock = await owner.lock(`lock-${name}`);
    await owner.declare([{ name, durability: "durable" }], control);
    const listener = (await client.listener(control))[Symbol.asyncIterator]();
    await (await owner.broadcaster(control)).broadcast(bytes("hello"));
    expect(text(((await listener.next()) as { value: Uint8Array }).value)).toBe("hello");
    await (await owner.publisher(name)).publish(bytes("unit"));
    expect(await owner.purge(name)).toBe(1);
    await owner.remove([name], control);
    expect(await owner.exists(name)).toBe(false);
    await lock.release();
    await client.close();
    const subscriptions = async (): Promise<readonly unknown[]> => {
      const topics = JSON.parse(await server.admin("GET", "persistent/public/default")) as string[];
      const left = topics.filter((topic) => topic.includes(name) || topic.includes(control));
      const of = (topic: string): Promise<string> => server.admin("GET", `${topic.replace("://", "/")}/subscriptions`);
      return (await Promise.all(left.map(of))).flatMap((list) => JSON.parse(list) as unknown[]);
    };
    await expect.poll(subscriptions, { timeout: 10_000 }).toEqual([]);
  });

  it("nobody without a right that is needed: it is named", async () => {
    const refused = (role: string): Promise<unknown> =>
      open(server.address, { auth: token(role) }).then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(await refused("nobody")).toMatchObject({ code: "refused-right", message: containing("public/default") });
    const owner = await open(server.address, { auth: token("scans"), purpose: "server" });
    const name = `work-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable" }], `control-${name}`);
    const writer = await open(server.address, { auth: token("writer") });
    await expect(writer.consumer(name, { prefetch: 1 })).rejects.toMatchObject({
      code: "refused-right",
      message: containing("consume"),
    });
    const silent = await open(server.address, { auth: token("reader") });
    await expect(silent.publisher(name)).rejects.toMatchObject({ code: "refused-right", message: containing("produce") });
    await owner.remove([name], `control-${name}`);
  });

  it("no message that is larger than it takes: that one is refused, its neighbours are not", async () => {
    const owner = await open(server.address, { auth: token("scans"), purpose: "server" });
    const name = `work-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable" }], `control-${name}`);
    const publisher = await owner.publisher(name);
    const before = publisher.publish(bytes("before"));
    const large = publisher.publish(new Uint8Array(1_000_000));
    const after = publisher.publish(bytes("after"));
    await expect(large).rejects.toMatchObject({
      code: "full",
      retryable: false,
      message: containing("webSocketMaxTextFrameSize"),
    });
    await Promise.all([before, after]);
    await publisher.publish(new Uint8Array(700_000));
    await owner.remove([name], `control-${name}`);
  });

  it("those who trust its certificate", async () => {
    const address = `wss://127.0.0.1:${server.tlsPort}`;
    const client = await open(address, { auth: token("scans"), caFile: certificate.cert });
    expect(await client.exists("work")).toBe(false);
    const owner = await open(`https://127.0.0.1:${server.tlsPort}/public/default`, {
      auth: token("scans"),
      caFile: certificate.cert,
      purpose: "server",
    });
    const name = `work-${randomUUID()}`;
    await owner.declare([{ name, durability: "durable" }], `control-${name}`);
    await (await owner.publisher(name)).publish(bytes("over TLS"));
    expect(text((await reader(await client.consumer(name, { prefetch: 1 })).next()).body)).toBe("over TLS");
    await owner.remove([name], `control-${name}`);
    await expect(open(address, { auth: token("scans") })).rejects.toMatchObject({
      code: "bad-address",
      message: containing("SKYSCAN_BROKER_CA_FILE"),
    });
    await expect(open(`wss://127.0.0.1:${server.port}`, { caFile: certificate.cert })).rejects.toMatchObject({
      code: "unreachable",
      message: containing("TLS at one end only"),
    });
  });
});

describe.skipIf(pulsarMissing !== undefined)("a Pulsar without its WebSocket service", () => {
  const open = pulsarHandles();

  it("is told apart from one without the namespace; both are said with what to do", async () => {
    const server = await startPulsar({ config: ["webSocketServiceEnabled=false"] });
    try {
      await expect(open(server.address)).rejects.toMatchObject({
        code: "unsupported",
        message: containing("webSocketServiceEnabled=true"),
      });
      await expect(open(`${server.address}/public/none`)).rejects.toMatchObject({
        code: "bad-address",
        message: containing("pulsar-admin namespaces create public/none"),
      });
    } finally {
      await server.stop();
    }
  });
});

describe("an address", () => {
  const open = pulsarHandles();

  it("of another scheme, or with half a namespace, is told apart from one where nobody answers", async () => {
    await expect(open("amqp://127.0.0.1:1")).rejects.toMatchObject({ code: "bad-address", message: containing("wss://") });
    await expect(open("ws://127.0.0.1:1/scans")).rejects.toMatchObject({
      code: "bad-address",
      message: containing("TENANT/NAMESPACE"),
    });
    await expect(open("http://127.0.0.1:1")).rejects.toMatchObject({ code: "unreachable", retryable: true });
  });

  it("where a web server answers that is no Pulsar is said to be that", async () => {
    const other = createServer((_request, response) => response.writeHead(404).end("no such page"));
    await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
    await expect(open(`ws://127.0.0.1:${(other.address() as AddressInfo).port}`)).rejects.toMatchObject({
      code: "bad-address",
      message: containing("no Pulsar"),
    });
    other.close();
  });

  it("of the binary protocol needs the client library: both ways out are named where it cannot be loaded", async () => {
    const loads = await import("pulsar-client").then(
      () => true,
      () => false,
    );
    if (loads) return;
    await expect(open("pulsar://127.0.0.1:1")).rejects.toMatchObject({
      code: "not-installed",
      message: expect.stringMatching(/npm install pulsar-client.*ws:\/\//) as string,
    });
  });
});
