// Starts real NATS servers (Debian's) that let in whom they like, or lack something.
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeCertificate, natsMissing, opensslMissing, startNats } from "@skyscan/testing";
import type { Certificate, Nats, NatsOptions } from "@skyscan/testing";
import { makeAccount } from "./nats-accounts.ts";
import { natsHandles, nextState } from "./nats-handles.ts";

const containing = (text: string): string => expect.stringContaining(text) as string;

describe.skipIf(natsMissing !== undefined)("NATS lets in", () => {
  const servers: Nats[] = [];
  // Servers go after the handles.
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });
  const open = natsHandles();
  const start = async (options?: NatsOptions): Promise<Nats> => {
    const server = await startNats(options);
    servers.push(server);
    return server;
  };

  it("a token, a user with a password, nobody else; no secret is shown", async () => {
    const withToken = await start({ config: ["authorization { token: open-sesame }"] });
    const client = await open(withToken.address, { auth: "open-sesame" });
    expect(client.description).toBe(`nats ${await withToken.version()} at 127.0.0.1:${withToken.port}`);
    const withUser = await start({ config: ["authorization { user: scan, password: open-sesame }"] });
    await open(`nats://scan:open-sesame@127.0.0.1:${withUser.port}`);
    await open(`scan:other@127.0.0.1:${withUser.port}`, { auth: "open-sesame" });
    for (const [address, auth] of [
      [withToken.address, "not-this-one"],
      [`scan:not-this-one@127.0.0.1:${withUser.port}`, undefined],
      [withUser.address, undefined],
    ] as const) {
      const opening = open(address, auth === undefined ? {} : { auth });
      await expect(opening).rejects.toMatchObject({ code: "refused-credentials", message: containing("SKYSCAN_BROKER_AUTH") });
      await expect(opening).rejects.not.toThrow("not-this-one");
    }
  });

  it("the content of a creds file, and not that of another operator's", async () => {
    const { config, creds } = makeAccount();
    const server = await start({ config });
    const owner = await open(server.address, { auth: creds, purpose: "server" });
    await owner.declare([{ name: "work", durability: "durable" }], "control");
    expect(await owner.exists("work")).toBe(true);
    const stranger = open(server.address, { auth: makeAccount().creds });
    await expect(stranger).rejects.toMatchObject({ code: "refused-credentials" });
    const broken = open(server.address, { auth: creds.slice(0, -100) });
    await expect(broken).rejects.toMatchObject({ code: "refused-credentials", message: containing("creds file") });
  });

  it("nobody to whom it cannot give what a scan needs: each with what to do", async () => {
    const bare = await start({ jetStream: false });
    await expect(open(bare.address)).rejects.toMatchObject({ code: "unsupported", message: containing("-js") });
    const small = await start({ maxPayload: "1MB" });
    await expect(open(small.address)).rejects.toMatchObject({ code: "unsupported", message: containing("max_payload: 9MB") });
    const accounts =
      "accounts { A { users: [{ user: a, password: a }] }, B { jetstream: enabled, users: [{ user: b, password: b }] } }";
    const server = await start({ config: [accounts] });
    await expect(open(`a:a@127.0.0.1:${server.port}`)).rejects.toMatchObject({
      code: "unsupported",
      message: containing("account"),
    });
    const owner = await open(`b:b@127.0.0.1:${server.port}`, { own: { SKYSCAN_NATS_REPLICAS: 3 }, purpose: "server" });
    await expect(owner.declare([{ name: "work", durability: "durable" }], "control")).rejects.toMatchObject({
      code: "unsupported",
      message: containing("SKYSCAN_NATS_REPLICAS"),
    });
  });

  it("addresses of other schemes, with a virtual host, or where somebody else listens, are told apart", async () => {
    await expect(open("wss://127.0.0.1:1")).rejects.toMatchObject({ code: "bad-address", message: containing("tls://") });
    await expect(open("127.0.0.1:1/scans")).rejects.toMatchObject({ code: "bad-address", message: containing("account") });
    const other = createServer((socket) => socket.end("220 mail.example.org ready\r\n"));
    await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
    await expect(open(`127.0.0.1:${(other.address() as AddressInfo).port}`)).rejects.toMatchObject({ code: "unreachable" });
    other.close();
  });

  it("a server that stops in lame duck mode is left, and its successor found", async () => {
    const server = await start({ config: ["lame_duck_grace_period: 100ms"] });
    const client = await open(server.address);
    const down = nextState(client, "down");
    server.signal("SIGUSR2");
    await down;
    const up = nextState(client, "up");
    await server.restart();
    expect(await up).toMatchObject({ reconnected: true });
  });

  describe.skipIf(opensslMissing !== undefined)("over TLS", () => {
    let certificate: Certificate;
    beforeAll(async () => {
      certificate = await makeCertificate();
    });
    afterAll(() => certificate.remove());

    it("those who trust its certificate and show one that it trusts", async () => {
      const { cert, key } = certificate;
      const server = await start({
        config: [`tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${cert}", verify: true }`],
      });
      const address = `tls://127.0.0.1:${server.port}`;
      const client = await open(address, { caFile: cert, certFile: cert, keyFile: key });
      expect(await client.exists("work")).toBe(false);
      await expect(open(address)).rejects.toMatchObject({ code: "bad-address", message: containing("SKYSCAN_BROKER_CA_FILE") });
      await expect(open(address, { caFile: "/no/such/ca.pem" })).rejects.toMatchObject({
        code: "bad-address",
        message: containing("SKYSCAN_BROKER_CA_FILE names /no/such/ca.pem"),
      });
      // Often enough that one of them is told by a mere reset of its connection.
      for (let attempt = 0; attempt < 100; attempt++)
        await expect(open(address, { caFile: cert })).rejects.toMatchObject({
          code: "refused-credentials",
          message: containing("SKYSCAN_BROKER_CERT_FILE"),
        });
      await expect(open(server.address)).rejects.toMatchObject({ code: "unreachable", message: containing("tls://") });
      const plain = await start();
      await expect(open(`tls://127.0.0.1:${plain.port}`, { caFile: cert })).rejects.toMatchObject({
        code: "unreachable",
        message: containing("TLS at one end only"),
      });
    });
  });
});
