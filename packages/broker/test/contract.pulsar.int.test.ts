// Starts a real Pulsar 4.0.7 standalone, with a network in front of its WebSocket API that can be broken.
import { afterAll, beforeAll, describe } from "vitest";
import { freePort, pulsarMissing, startPulsar, startTcpProxy } from "@skyscan/testing";
import type { Pulsar, TcpProxy } from "@skyscan/testing";
import { brokerContract } from "./contract.ts";
import type { Harness } from "./contract-stage.ts";
import { pulsarHandles } from "./pulsar-handles.ts";

describe.skipIf(pulsarMissing !== undefined)("Pulsar", () => {
  let server: Pulsar;
  let proxy: TcpProxy;
  let nobody: string;
  const open = pulsarHandles();
  const direct = (): string => `ws://127.0.0.1:${server.port}`;
  const overNetwork = (): string => `ws://127.0.0.1:${proxy.port}`;

  beforeAll(async () => {
    server = await startPulsar();
    proxy = await startTcpProxy({ port: server.port });
    nobody = `ws://127.0.0.1:${await freePort()}`;
  });
  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  brokerContract("pulsar", (): Harness => ({
    owner: ({ address = direct(), ...choices } = {}) => open(address, { purpose: "server", ...choices }),
    client: ({ address = overNetwork(), ...choices } = {}) => open(address, choices),
    network: proxy,
    server,
    nobody,
  }), ["credentials", "loss-counts"]);
});
