import { randomUUID } from "node:crypto";
import type { Broker, ConnectionSettings } from "@skyscan/broker";
import { silentLogger } from "@skyscan/runtime";
import { connectMemory } from "../../../examples/memory-broker/memory-broker.ts";
import { brokerContract } from "./contract.ts";
import type { OpenChoices } from "./contract-stage.ts";

// The example driver of docs/brokers.md. One process: no network that could break, nobody to show a token to.

const here = randomUUID();
const connect = (purpose: "server" | "client", choices: OpenChoices = {}): Promise<Broker> => {
  const settings: ConnectionSettings = {
    client: "embedded",
    address: here,
    lostSec: 30,
    goneSec: 5,
    ...choices,
  };
  return connectMemory(() => Promise.resolve(settings), { logger: silentLogger, purpose });
};

brokerContract(
  "the example in memory",
  () => ({
    owner: (choices) => connect("server", choices),
    client: (choices) => connect("client", choices),
    nobody: randomUUID(),
  }),
  ["network", "credentials", "restart"],
);
