import { setTimeout as pause } from "node:timers/promises";
import type { TcpProxy } from "@skyscan/testing";
import { between, pick } from "./chance.ts";
import type { Blow, Fault } from "./fault.ts";
import type { Stage } from "./stage.ts";

/** One client's network, the server's, or everybody's. */
function someNetworks(stage: Stage, { random }: Blow): readonly TcpProxy[] {
  const all = [...stage.clientNetworks, ...(stage.serverNetwork === undefined ? [] : [stage.serverNetwork])];
  return random.uniform() < 0.3 ? all : [pick(random, all)];
}

/** Breaks some of the network for a time. A server or client that starts meanwhile finds no broker and says so. */
function breaks(lowMs: number, highMs: number, how: (network: TcpProxy, blow: Blow) => void): Fault["strike"] {
  return async (stage, blow) => {
    const networks = someNetworks(stage, blow);
    const ms = between(blow.random, lowMs, highMs);
    if (!(await stage.reached(blow.at))) return false;
    stage.server.excuse(2);
    stage.note(`the network of ${networks.length} is broken for ${Math.round(ms)} ms`);
    try {
      for (const network of networks) how(network, blow);
      await pause(ms);
    } finally {
      for (const network of networks) network.mend();
      stage.note("the network is mended");
    }
    return true;
  };
}

export const networkFaults: readonly Fault[] = [
  {
    name: "cut",
    what: "connections are reset and refused for 0.5 to 5 s",
    weight: 3,
    strike: breaks(500, 5000, (network) => network.cut()),
  },
  {
    name: "break",
    what: "connections are reset, several times in a row",
    weight: 2,
    async strike(stage, blow) {
      if (!(await stage.reached(blow.at))) return false;
      stage.server.excuse(2);
      for (let times = 0; times < 4; times += 1) {
        for (const network of someNetworks(stage, blow)) network.breakConnections();
        stage.note("connections are reset");
        await pause(between(blow.random, 50, 700));
      }
      return true;
    },
  },
  {
    name: "delay",
    what: "every byte comes 0.1 to 1 s later, for 1 to 5 s",
    weight: 2,
    strike: breaks(1000, 5000, (network, { random }) => network.delay(between(random, 100, 1000))),
  },
  {
    name: "throttle",
    what: "2 to 20 kB/s each way, for 1 to 5 s",
    weight: 2,
    strike: breaks(1000, 5000, (network, { random }) => network.throttle(between(random, 2000, 20_000))),
  },
  {
    name: "half-open",
    what: "connections stay but nothing passes for 2 to 8 s",
    weight: 3,
    strike: breaks(2000, 8000, (network) => network.freeze()),
  },
  {
    name: "half-open-long",
    what: "connections stay but nothing passes for 17 to 35 s: beyond keepalive and life signs",
    weight: 1,
    strike: breaks(17_000, 35_000, (network) => network.freeze()),
  },
  {
    name: "host-vanishes",
    what: "a client is killed and its network with it: the broker is not told",
    weight: 2,
    async strike(stage, { at, random }) {
      const client = pick(
        random,
        stage.clients.map((_, index) => index),
      );
      if (!(await stage.reached(at))) return false;
      const network = stage.clientNetworks[client]!;
      network.freeze();
      const killed = await stage.clients[client]!.kill();
      await stage.clients[client]!.whileDown(() => pause(between(random, 1000, 6000)));
      network.mend();
      return killed;
    },
  },
];
