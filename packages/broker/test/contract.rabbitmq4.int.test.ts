// Starts a real RabbitMQ 4.0 node in a container: it differs from 3.10 in delivery limits and in how it counts.
import { afterAll, beforeAll, describe } from "vitest";
import { openBroker } from "@skyscan/broker";
import type { Broker, ConnectionSettings } from "@skyscan/broker";
import { pause, silentLogger } from "@skyscan/runtime";
import { freePort, rabbitmq4Missing, startRabbitmq4, startTcpProxy } from "@skyscan/testing";
import type { Rabbitmq4, TcpProxy } from "@skyscan/testing";
import { youthMs } from "../src/drivers/rabbitmq/connect.ts";
import { brokerContract } from "./contract.ts";
import type { Harness, OpenChoices } from "./contract-stage.ts";

/** A queue is safe from a kill only when it is older than a moment: no event tells when, neither the broker's nor the driver's. */
const settled = (): Promise<void> => pause(youthMs + 100);

describe.skipIf(rabbitmq4Missing !== undefined)("RabbitMQ 4", () => {
  let server: Rabbitmq4;
  let proxy: TcpProxy;
  let nobody: string;

  const connect = (port: number, purpose: "server" | "client", choices: OpenChoices = {}): Promise<Broker> => {
    const settings: ConnectionSettings = {
      client: "rabbitmq",
      address: `guest@127.0.0.1:${port}`,
      auth: "guest",
      lostSec: 60,
      goneSec: 10,
      ...choices,
    };
    return openBroker(() => Promise.resolve(settings), { logger: silentLogger, purpose });
  };

  beforeAll(async () => {
    server = await startRabbitmq4();
    proxy = await startTcpProxy({ port: server.port });
    nobody = `127.0.0.1:${await freePort()}`;
  }, 300_000);
  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  brokerContract("rabbitmq 4.0", (): Harness => ({
    owner: (choices) => connect(server.port, "server", choices),
    client: (choices) => connect(proxy.port, "client", choices),
    network: proxy,
    server: { kill9: () => server.kill9(), restart: () => server.restart(), settled },
    nobody,
  }));
});
